import { useQuery } from '@tanstack/react-query'
import { useScope, workspacePath } from '@/app/scope'
import { useWorkspace } from '@/app/scopes'
import { t } from '@/i18n/en/home'
import { CodeBlock, Count, EmptyState, ErrorState, Loading, Page, Sparkline, Status, Time } from '@/ui'
import { homeQuery, TONES, type Home as HomeDocument } from './api'
import css from './home.module.css'

/** What arrives in the workspace, whether it is well, what went wrong, and what to do next. */
export function Home() {
  const { workspace } = useScope()
  const scope = useWorkspace()
  const { data, error, refetch } = useQuery(homeQuery(workspace))
  if (workspace === null) {
    return (
      <Page title={t.home}>
        <EmptyState title={t.noWorkspace} text={t.noWorkspaceText} />
      </Page>
    )
  }
  return (
    <Page title={t.home} chips={scope.data?.name}>
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading />}
      {data && (
        <div className={css['columns']}>
          <Arrivals home={data} workspace={workspace} />
          <Health home={data} />
          <Complaints home={data} />
          <Steps home={data} />
        </div>
      )}
    </Page>
  )
}

function Arrivals({ home, workspace }: { readonly home: HomeDocument; readonly workspace: string }) {
  const { tenant } = useScope()
  if (home.lastRecordAt === null) return <Nothing workspace={workspace} />
  return (
    <section className={css['panel']} aria-label={t.arrives}>
      <h2>{t.arrives}</h2>
      <p>{t.arrivesText}</p>
      <table className={css['rates']}>
        <thead>
          <tr>
            <th scope="col">{t.table}</th>
            <th scope="col">{t.perMinute}</th>
            <th scope="col">{t.total}</th>
          </tr>
        </thead>
        <tbody>
          {home.rates.map(({ table, perMinute, total }) => (
            <tr key={table}>
              <th scope="row">
                <a href={`${workspacePath(tenant, workspace, 'logs')}?table=${encodeURIComponent(table)}`}>
                  {table}
                </a>
              </th>
              <td>
                <Sparkline values={perMinute} label={t.rateOf(table, String(total))} />
              </td>
              <td>
                <Count value={total} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Nothing({ workspace }: { readonly workspace: string }) {
  const origin = window.location.origin
  return (
    <section className={css['panel']} aria-label={t.arrives}>
      <h2>{t.nothing}</h2>
      <p>{t.nothingText}</p>
      <CodeBlock
        label={t.sendFile}
        code="kelp ingest --credentials kelp.json --table Orders_CL orders.jsonl"
        isWrapped
      />
      <CodeBlock
        label={t.sendHttp}
        code={`curl -H "Authorization: Bearer $TOKEN" -d '{"query": "Heartbeat | count"}' ${origin}/v1/workspaces/${workspace}/query`}
        isWrapped
      />
    </section>
  )
}

function Health({ home }: { readonly home: HomeDocument }) {
  return (
    <section className={css['panel']} aria-label={t.health}>
      <h2>{t.health}</h2>
      <ul className={css['list']}>
        {home.health.map((finding) => (
          <li key={finding.name} className={css['finding']}>
            <Status tone={TONES[finding.state]} word={t.names[finding.name] ?? finding.name} />
            <span>{finding.reason}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Complaints({ home }: { readonly home: HomeDocument }) {
  return (
    <section className={css['panel']} aria-label={t.errors}>
      <h2>{t.errors}</h2>
      {home.errors.length === 0 && <p>{t.noErrors}</p>}
      <ul className={css['list']}>
        {home.errors.map((error) => (
          <li key={`${error.at} ${error.message}`}>
            <Time value={error.at} format="age" /> {error.table} {error.message}
          </li>
        ))}
      </ul>
    </section>
  )
}

function Steps({ home }: { readonly home: HomeDocument }) {
  if (home.steps.every((step) => step.done)) return null
  return (
    <section className={css['panel']} aria-label={t.start}>
      <h2>{t.start}</h2>
      <ul className={css['list']}>
        {home.steps.map((step) => (
          <li key={step.id}>
            <Status
              tone={step.done ? 'ok' : 'none'}
              word={`${t.steps[step.id] ?? step.id}: ${step.done ? t.done : t.open}`}
            />
          </li>
        ))}
      </ul>
    </section>
  )
}
