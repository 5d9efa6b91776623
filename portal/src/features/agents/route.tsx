import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useScope } from '@/app/scope'
import { useWorkspace } from '@/app/scopes'
import { t } from '@/i18n/en/agents'
import { formatSeconds } from '@/lib/time'
import { useUrlState } from '@/lib/url-state'
import {
  Badge,
  Button,
  Count,
  EmptyState,
  ListPage,
  Select,
  Status,
  Time,
  type ListColumn,
  type Tone,
} from '@/ui'
import { AddDialog } from './AddDialog'
import { AgentDetails } from './AgentDetails'
import { agentsQuery, recordsQuery, type Agent, type AgentState } from './api'

type Counts = ReadonlyMap<string, number> | undefined

const TONES: Readonly<Record<AgentState, Tone>> = { ok: 'ok', late: 'warning', silent: 'danger' }
const RANGES = Object.entries(t.ranges).map(([id, label]) => ({ id, label }))
const LAST_WEEK = 'P7D'

/** The computers that send heartbeats to the workspace, and which of them no longer do. */
export function Agents() {
  const { workspace } = useScope()
  const scope = useWorkspace()
  const [range, setRange] = useUrlState('since')
  const [isAdding, setAdding] = useState(false)
  const agents = useQuery(agentsQuery(workspace, range || LAST_WEEK))
  const { data: counts } = useQuery(recordsQuery(workspace))
  const columns = useMemo(() => columnsOf(counts), [counts])
  const add = (
    <Button variant="primary" onPress={() => setAdding(true)}>
      {t.add}
    </Button>
  )
  return (
    <ListPage
      title={t.agents}
      description={t.description}
      chips={agents.data && <States agents={agents.data} />}
      columns={columns}
      rows={agents.data}
      rowKey={(row) => row.computer}
      error={scope.error ?? agents.error}
      retry={() => void agents.refetch()}
      empty={<EmptyState title={t.none} text={t.noneText} />}
      actions={
        <>
          <Select
            label={t.since}
            isLabelHidden
            items={RANGES}
            value={range || LAST_WEEK}
            onChange={(next) => setRange(next)}
          />
          {add}
        </>
      }
      panel={(row) => ({
        title: row.computer,
        content: <AgentDetails key={row.computer} agent={row} workspace={workspace ?? ''} />,
      })}
    >
      <AddDialog
        workspace={workspace ?? ''}
        resource={scope.data?.id ?? ''}
        isOpen={isAdding}
        onClose={() => setAdding(false)}
      />
    </ListPage>
  )
}

/** How many computers are in each state. */
function States({ agents }: { readonly agents: readonly Agent[] }) {
  const states: readonly AgentState[] = ['ok', 'late', 'silent']
  return states
    .map((state) => [state, agents.filter((one) => one.state === state).length] as const)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => <Badge key={state}>{`${count} ${t.states[state]}`}</Badge>)
}

function columnsOf(counts: Counts): readonly ListColumn<Agent>[] {
  return [
    { id: 'computer', label: t.computer, grow: 2, value: (row) => row.computer },
    {
      id: 'state',
      label: t.state,
      value: (row) => t.states[row.state],
      cell: (row) => <Status tone={TONES[row.state]} word={t.states[row.state]} />,
    },
    {
      id: 'last',
      label: t.last,
      value: (row) => row.lastAt,
      cell: (row) => <Time value={row.lastAt} format="age" />,
    },
    { id: 'system', label: t.system, value: (row) => row.system },
    { id: 'version', label: t.version, value: (row) => row.version },
    { id: 'environment', label: t.environment, value: (row) => row.environment },
    {
      id: 'records',
      label: t.records,
      align: 'end',
      value: (row) => counts?.get(row.computer),
      cell: (row) => <Count value={counts?.get(row.computer) ?? null} />,
    },
    {
      id: 'lag',
      label: t.lag,
      align: 'end',
      value: (row) => row.lagSeconds,
      cell: (row) => (row.lagSeconds === null ? null : formatSeconds(row.lagSeconds)),
    },
    { id: 'address', label: t.address, isHidden: true, value: (row) => row.address },
    { id: 'category', label: t.category, isHidden: true, value: (row) => row.category },
  ]
}
