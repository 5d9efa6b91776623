import type { ReactNode } from 'react'
import { t } from '@/i18n/en/access'
import { Badge, cx, Status, Time, type Tone } from '@/ui'
import {
  effectOf,
  rolesByPlace,
  shortCondition,
  verdictOf,
  type Effect,
  type Explanation,
  type Place,
  type TracedRole,
} from './explanation'
import css from './trace.module.css'

interface Props {
  readonly explanation: Explanation
  /** What stands at the end of a role's line. */
  readonly actions?: (role: TracedRole) => ReactNode
  /** Assignments that the other side does not have. */
  readonly marked?: ReadonlySet<string>
  readonly mark?: string
}

const TONES: Record<Effect, Tone> = {
  gives: 'ok',
  limits: 'info',
  fails: 'warning',
  excludes: 'warning',
  nothing: 'none',
}

/** Each place from the tenant down, with the roles held there and what each says to the action. */
export function Trace({ explanation, actions, marked, mark }: Props) {
  const { grantedBy } = verdictOf(explanation)
  return (
    <ol className={css['trace']}>
      {rolesByPlace(explanation).map(([place, roles]) => (
        <li key={place.scope} className={css['place']}>
          <PlaceName place={place} />
          {roles.length === 0 && <p className={css['nothing']}>{t.nothingHere}</p>}
          <ul className={css['roles']}>
            {roles.map((role) => (
              <RoleLine
                key={`${role.assignmentId} ${role.roleName}`}
                role={role}
                isDeciding={role.assignmentId === grantedBy}
                mark={marked?.has(role.assignmentId) ? mark : undefined}
                actions={actions?.(role)}
              />
            ))}
          </ul>
        </li>
      ))}
    </ol>
  )
}

function PlaceName({ place }: { readonly place: Place }) {
  return (
    <span className={css['name']} title={place.scope}>
      <span className={css['kind']}>{t.places[place.kind]}</span> <strong>{place.name}</strong>
    </span>
  )
}

interface LineProps {
  readonly role: TracedRole
  readonly isDeciding: boolean
  readonly mark: string | undefined
  readonly actions: ReactNode
}

function RoleLine({ role, isDeciding, mark, actions }: LineProps) {
  const effect = effectOf(role)
  return (
    <li className={cx(css['role'], isDeciding && css['deciding'])}>
      <span className={css['effect']}>
        <Status tone={TONES[effect]} word={t.effects[effect]} />
      </span>
      <div className={css['words']}>
        <span>
          <strong>{role.roleName}</strong> {isDeciding && <Badge tone="accent">{t.grantedBy}</Badge>}
          {mark && <Badge tone="warning">{mark}</Badge>}
        </span>
        <Holding role={role} />
        <Giving role={role} effect={effect} />
      </div>
      {actions}
    </li>
  )
}

/** To whom it is given, since when and by whom. */
function Holding({ role }: { readonly role: TracedRole }) {
  const how = role.managedByTenantName
    ? t.delegatedTo(role.managedByTenantName)
    : role.through
      ? t.throughGroups(role.through)
      : t.direct
  return (
    <span className={css['holding']}>
      {how}, {t.since.toLowerCase()} <Time value={role.createdOn} />, {t.by} {role.createdBy}
    </span>
  )
}

/** What of it decides: the pattern that grants the action, the one that takes it away, the records that are left. */
function Giving({ role, effect }: { readonly role: TracedRole; readonly effect: Effect }) {
  return (
    <span className={css['giving']}>
      {role.granting && (
        <>
          {t.givesPattern} <code>{role.granting}</code>
        </>
      )}
      {role.excluding && (
        <>
          {t.butNot} <code>{role.excluding}</code>
          {role.managedByTenantName && ` (${t.neverDelegated})`}
        </>
      )}
      {effect === 'limits' && (
        <>
          , {t.onlyWhere} <code>{shortCondition(role.left)}</code>
        </>
      )}
      {effect === 'fails' && (
        <>
          {t.butCondition} <code>{shortCondition(role.condition ?? '')}</code>
        </>
      )}
    </span>
  )
}
