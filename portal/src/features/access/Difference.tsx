import { useQuery } from '@tanstack/react-query'
import { t } from '@/i18n/en/access'
import { Badge, ErrorState, Loading } from '@/ui'
import css from './access.module.css'
import type { Grant } from './api'
import { comparisonQuery, groupTables, type Comparison, type Reading } from './comparison'
import { shortCondition } from './explanation'
import { placeName } from './places'

const NAMED = 6

interface Props {
  /** Where it is compared. */
  readonly scope: string
  readonly grant: Grant | null
  /** What is wrong with the condition is told at its text. */
  readonly hasConditionFault: boolean
}

/** What a grant would change before it is given: actions and tables, now and then. */
export function Difference({ scope, grant, hasConditionFault }: Props) {
  const { data, error, isFetching } = useQuery(comparisonQuery(scope, grant))
  if (grant === null || hasConditionFault) return null
  return (
    <section className={css['difference']} aria-label={t.difference} aria-busy={isFetching}>
      <h3>{t.differenceAt(placeName(scope))}</h3>
      {error ? <ErrorState error={error} /> : data ? <Changes comparison={data} /> : <Loading />}
    </section>
  )
}

function Changes({
  comparison: { actions, tables, tableCount, workspace },
}: {
  readonly comparison: Comparison
}) {
  const more = actions.filter((action) => action.then)
  const fewer = actions.filter((action) => action.now)
  if (actions.length === 0 && tables.length === 0) return <p>{t.changesNothing}</p>
  return (
    <ul>
      <ActionList label={t.moreActions(more.length)} actions={more} />
      <ActionList label={t.fewerActions(fewer.length)} actions={fewer} />
      {groupTables(tables).map(({ before, after, names }) => (
        <li key={names[0]}>
          {names.length === tableCount ? t.allOfTables(tableCount) : <Names names={names} />}: {read(before)}{' '}
          → <strong>{read(after)}</strong>
          {after.limits.map((limit) => (
            <code key={limit}> {shortCondition(limit)}</code>
          ))}
        </li>
      ))}
      {workspace !== null && tables.length === 0 && <li>{t.sameTables}</li>}
    </ul>
  )
}

function ActionList({ label, actions }: { readonly label: string; readonly actions: Comparison['actions'] }) {
  if (actions.length === 0) return null
  return (
    <li>
      <details>
        <summary>{label}</summary>
        <ul>
          {actions.map((action) => (
            <li key={action.name}>
              <code>{action.name}</code> {action.displayName}{' '}
              {action.isDataAction && <Badge>{t.dataAction}</Badge>}
            </li>
          ))}
        </ul>
      </details>
    </li>
  )
}

function Names({ names }: { readonly names: readonly string[] }) {
  const shown = names.slice(0, NAMED).join(', ')
  return (
    <span title={names.join(', ')}>
      {names.length > NAMED ? t.andMore(shown, names.length - NAMED) : shown}
    </span>
  )
}

function read({ allowed, limits }: Reading): string {
  return allowed ? (limits.length > 0 ? t.someRecords : t.allRecords) : t.noRecords
}
