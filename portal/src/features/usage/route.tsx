import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useScope } from '@/app/scope'
import { workspaceQuery } from '@/app/scopes'
import { t } from '@/i18n/en/usage'
import { useUrlState } from '@/lib/url-state'
import { Badge, EmptyState, ListTable, Page, Select, Sparkline, type ListColumn } from '@/ui'
import { costsQuery, forecast, type Cost, type Dimension, type Timeframe } from './api'
import { WorkspaceUsage } from './WorkspaceUsage'

const DIMENSIONS = Object.entries(t.groups).map(([id, label]) => ({ id: id as Dimension, label }))
const TIMEFRAMES = Object.entries(t.periods).map(([id, label]) => ({ id: id as Timeframe, label }))

/** The last part of a resource id; other values as they are. */
function shownName(name: string): string {
  if (name === '') return t.rest
  return name.startsWith('/') ? (name.split('/').at(-1) ?? name) : name
}

function columnsOf(
  dimension: Dimension,
  total: number,
  money: Intl.NumberFormat,
): readonly ListColumn<Cost>[] {
  return [
    { id: 'name', label: t.groups[dimension], grow: 2, value: (row) => shownName(row.name) },
    {
      id: 'days',
      label: t.days,
      width: 200,
      value: (row) => row.amount,
      cell: (row) => (
        <Sparkline
          values={row.days}
          height={20}
          label={t.daysOf(shownName(row.name), money.format(row.amount))}
        />
      ),
    },
    {
      id: 'share',
      label: t.share,
      align: 'end',
      value: (row) => row.amount / total,
      cell: (row) => `${Math.round((row.amount / total) * 100)}%`,
    },
    {
      id: 'amount',
      label: t.amount,
      align: 'end',
      value: (row) => row.amount,
      cell: (row) => money.format(row.amount),
    },
  ]
}

/** What the tenant's workspaces, clusters and customers cost, and what the workspace of the scope received. */
export function Usage() {
  const [now] = useState(() => new Date())
  const { workspace } = useScope()
  const scope = useQuery(workspaceQuery(workspace))
  const [by, setBy] = useUrlState('by')
  const [period, setPeriod] = useUrlState('period')
  const dimension = (by || 'ResourceId') as Dimension
  const timeframe = (period || 'MonthToDate') as Timeframe
  const costs = useQuery(costsQuery(dimension, timeframe))
  const total = (costs.data ?? []).reduce((sum, row) => sum + row.amount, 0)
  const currency = costs.data?.[0]?.currency ?? 'USD'
  const money = new Intl.NumberFormat(undefined, { style: 'currency', currency })

  return (
    <Page
      title={t.usage}
      description={t.description}
      chips={
        total > 0 && (
          <>
            <Badge>{t.sum(money.format(total))}</Badge>
            {timeframe === 'MonthToDate' && <Badge>{t.forecast(money.format(forecast(total, now)))}</Badge>}
          </>
        )
      }
      actions={
        <>
          <Select
            label={t.groupBy}
            isLabelHidden
            items={DIMENSIONS}
            value={dimension}
            onChange={(next) => setBy(next)}
          />
          <Select
            label={t.period}
            isLabelHidden
            items={TIMEFRAMES}
            value={timeframe}
            onChange={(next) => setPeriod(next)}
          />
        </>
      }
    >
      <ListTable
        label={t.amount}
        columns={columnsOf(dimension, total, money)}
        rows={costs.data}
        rowKey={(row) => row.name}
        rowLabel={(row) => shownName(row.name)}
        error={costs.error}
        retry={() => void costs.refetch()}
        empty={<EmptyState title={t.none} text={t.noneText} />}
        isPlain
      />
      {scope.data && (
        <WorkspaceUsage resource={scope.data.id} name={scope.data.name} workspaceId={workspace} />
      )}
    </Page>
  )
}
