import { useQuery } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useScope, workspacePath } from '@/app/scope'
import { t } from '@/i18n/en/agents'
import { writeQueryHash } from '@/lib/query-link'
import { formatSeconds } from '@/lib/time'
import { Button, Count, ErrorState, KeyValues, Loading, Time } from '@/ui'
import css from './agents.module.css'
import { associationsQuery, recordsOf, sentQuery, type Agent } from './api'

interface Props {
  readonly agent: Agent
  readonly workspace: string
}

/** One computer: what it says of itself, what it sent lately, and by which rules. */
export function AgentDetails({ agent, workspace }: Props) {
  const facts: (readonly [string, ReactNode])[] = [
    [t.last, <Time key="last" value={agent.lastAt} />],
    [t.system, agent.system],
    [t.version, agent.version],
    [t.environment, agent.environment],
    [t.category, agent.category],
    [t.address, agent.address],
    [t.lag, agent.lagSeconds === null ? '' : formatSeconds(agent.lagSeconds)],
    [t.resource, agent.resourceId && <code key="resource">{agent.resourceId}</code>],
  ]
  return (
    <>
      <KeyValues items={facts.filter(([, value]) => value !== '')} />
      <SentRecords agent={agent} workspace={workspace} />
      {agent.resourceId !== '' && <Associations resource={agent.resourceId} />}
    </>
  )
}

function SentRecords({ agent, workspace }: Props) {
  const { tenant } = useScope()
  const router = useRouter()
  const { data, error, refetch } = useQuery(sentQuery(workspace, agent.computer))

  async function open(table: string) {
    const query = recordsOf(table, agent.computer)
    const hash = await writeQueryHash({ query, timespan: 'P1D', run: true })
    await router.navigate({ href: workspacePath(tenant, workspace, 'logs') + hash })
  }

  return (
    <section aria-label={t.sent}>
      <h3>{t.sent}</h3>
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading />}
      {data?.length === 0 && <p>{t.sentNone}</p>}
      {data && data.length > 0 && (
        <table className={css['sent']}>
          <thead>
            <tr>
              <th scope="col">{t.table}</th>
              <th scope="col">{t.count}</th>
              <th scope="col">{t.lastRecord}</th>
              <th scope="col">{t.logs}</th>
            </tr>
          </thead>
          <tbody>
            {data.map(({ table, records, lastAt }) => (
              <tr key={table}>
                <th scope="row">{table}</th>
                <td>
                  <Count value={records} />
                </td>
                <td>
                  <Time value={lastAt} format="age" />
                </td>
                <td>
                  <Button size="small" aria-label={t.openTable(table)} onPress={() => void open(table)}>
                    {t.open}
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}

/** The rules that the computer goes by, where it is a resource that has any. */
function Associations({ resource }: { readonly resource: string }) {
  const { data, error } = useQuery(associationsQuery(resource))
  return (
    <section aria-label={t.rules}>
      <h3>{t.rules}</h3>
      {error && <ErrorState error={error} />}
      {data?.length === 0 && <p>{t.rulesNone}</p>}
      <ul>
        {data?.map(({ id, name, properties }) => (
          <li key={id}>
            {name}: <code>{properties.dataCollectionRuleId ?? properties.dataCollectionEndpointId}</code>
          </li>
        ))}
      </ul>
    </section>
  )
}
