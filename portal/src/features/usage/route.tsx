import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { workspacesQuery, type ScopeItem } from '@/app/scopes'
import { useSession } from '@/app/session'
import { t } from '@/i18n/en/usage'
import { formatBytes } from '@/lib/format'
import { useUrlState } from '@/lib/url-state'
import { Badge, ErrorState, Loading, Page, Section, Sections, Select } from '@/ui'
import { usageQuery, type Dimension, type Period, type Usage as UsageDocument } from './api'
import { CapPanel } from './CapPanel'
import { Groups } from './Groups'
import { hasCosts, Notes, Outlook } from './Notes'
import { daysOf, type PeriodName } from './periods'
import { numbersOf, sum, type Measure } from './series'
import { Talkers } from './Talkers'
import { Tiers } from './Tiers'

const UsageChart = lazy(async () => ({ default: (await import('./UsageChart')).UsageChart }))

const EVERYTHING = 'all'
const DIMENSIONS = optionsOf<Dimension>(t.groups)
const PERIODS = optionsOf<PeriodName>(t.periods)
const MEASURES = optionsOf<Measure>(t.measures)

function optionsOf<Id extends string>(labels: Readonly<Record<Id, string>>) {
  return Object.entries<string>(labels).map(([id, label]) => ({ id: id as Id, label }))
}

/** What the tenant's workspaces received and cost, against their caps, and where that leads. */
export function Usage() {
  const [now] = useState(() => new Date())
  const choice = useChoice()
  const { by, period, measure, workspace } = choice
  const days = daysOf(period, now)
  const usage = useQuery(usageQuery(by, days, workspace))
  const places = useWorkspaces()
  const place = places.find((one) => one.workspaceId === workspace)
  return (
    <Page
      title={t.usage}
      description={t.description}
      chips={usage.data && <Sum usage={usage.data} measure={measure} />}
      actions={<Choices {...choice} places={places} />}
    >
      {usage.error && <ErrorState error={usage.error} retry={() => void usage.refetch()} />}
      {!usage.data && !usage.error && <Loading />}
      {usage.data && <Numbers usage={usage.data} days={days} choice={choice} places={places} />}
      {usage.data && (
        <Sections>
          {hasCosts(usage.data) && <Outlook usage={usage.data} money={moneyOf(usage.data.currency)} />}
          {place && <CapPanel key={place.id} resource={place.id} resetHour={usage.data.resetHour} />}
        </Sections>
      )}
      {place && <Talkers key={workspace} workspaceId={workspace} />}
      {usage.data && usage.data.tiers.length > 0 && (
        <Tiers tiers={usage.data.tiers} money={moneyOf(usage.data.currency)} />
      )}
    </Page>
  )
}

/** What the page shows, as the address has it. */
function useChoice() {
  const [by, setBy] = useUrlState('by')
  const [period, setPeriod] = useUrlState('period')
  const [measure, setMeasure] = useUrlState('show')
  const [workspace, setWorkspace] = useUrlState('workspace')
  const dimension = (by in t.groups ? by : 'table') as Dimension
  return {
    by: dimension,
    setBy,
    period: (period in t.periods ? period : 'month') as PeriodName,
    setPeriod,
    // A meter is no volume.
    measure: measure === 'cost' || dimension === 'meter' ? ('cost' as const) : ('volume' as const),
    setMeasure,
    workspace,
    setWorkspace,
  }
}

type Choice = ReturnType<typeof useChoice>

/** The tenant's workspaces that the person reaches. */
function useWorkspaces(): readonly ScopeItem[] {
  const session = useSession()
  const { data = [] } = useQuery(workspacesQuery)
  return data.filter((item) => item.tenantId === session.tenant.id)
}

function moneyOf(currency: string): Intl.NumberFormat {
  return new Intl.NumberFormat(undefined, { style: 'currency', currency })
}

function Sum({ usage, measure }: { readonly usage: UsageDocument; readonly measure: Measure }) {
  const total = usage.groups.reduce((amount, group) => amount + sum(numbersOf(group, measure)), 0)
  return (
    <Badge>
      {measure === 'cost'
        ? t.sumCost(moneyOf(usage.currency).format(total))
        : t.sumVolume(formatBytes(total * 1e9))}
    </Badge>
  )
}

function Choices({ places, ...choice }: Choice & { readonly places: readonly ScopeItem[] }) {
  const workspaces = places.map((place) => ({ id: place.workspaceId ?? '', label: place.name }))
  return (
    <>
      <Select
        label={t.scope}
        isLabelHidden
        items={[{ id: EVERYTHING, label: t.everything }, ...workspaces]}
        value={choice.workspace || EVERYTHING}
        onChange={(next) => choice.setWorkspace(next === EVERYTHING ? '' : next)}
      />
      <Select label={t.groupBy} isLabelHidden items={DIMENSIONS} value={choice.by} onChange={choice.setBy} />
      <Select
        label={t.measure}
        isLabelHidden
        items={MEASURES}
        value={choice.measure}
        onChange={choice.setMeasure}
        isDisabled={choice.by === 'meter'}
      />
      <Select
        label={t.period}
        isLabelHidden
        items={PERIODS}
        value={choice.period}
        onChange={choice.setPeriod}
      />
    </>
  )
}

interface NumbersProps {
  readonly usage: UsageDocument
  readonly days: Period
  readonly choice: Choice
  readonly places: readonly ScopeItem[]
}

function Numbers({ usage, days, choice, places }: NumbersProps) {
  const money = moneyOf(usage.currency)
  const { by, measure } = choice
  return (
    <>
      <Notes usage={usage} measure={measure} />
      <Section title={measure === 'cost' ? t.costByDay(usage.currency) : t.volumeByDay}>
        <Suspense fallback={<Loading />}>
          <UsageChart usage={usage} by={by} measure={measure} />
        </Suspense>
        {usage.groups.length > 0 && (
          <Groups
            usage={usage}
            by={by}
            measure={measure}
            period={days}
            money={money}
            onOpen={
              by === 'workspace'
                ? (group) => {
                    const opened = places.find((one) => one.id.toLowerCase() === group.id.toLowerCase())
                    if (opened?.workspaceId) choice.setWorkspace(opened.workspaceId)
                  }
                : undefined
            }
          />
        )}
      </Section>
    </>
  )
}
