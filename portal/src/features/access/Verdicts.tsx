import { t } from '@/i18n/en/access'
import { Button, CodeBlock, Status } from '@/ui'
import css from './access.module.css'
import { shortCondition, verdictOf, type Explanation } from './explanation'
import { Trace } from './Trace'

interface Props {
  readonly now: Explanation
  readonly supposed: Explanation | undefined
  /** Assignments that are supposed away. */
  readonly removed: readonly string[]
  readonly onRemove: (assignment: string) => void
}

/** The decision as it is and, beside it, as it would be. */
export function Verdicts({ now, supposed, removed, onRemove }: Props) {
  return (
    <div className={css['sides']}>
      <Side title={supposed ? t.now : t.decision} explanation={now}>
        <Trace
          explanation={now}
          marked={new Set(removed)}
          mark={t.supposedAway}
          actions={(role) =>
            role.assignmentId.includes('/roleAssignments/') &&
            !removed.includes(role.assignmentId) && (
              <Button
                size="small"
                aria-label={t.whatIfRemoveNamed(role.roleName, role.principalName)}
                onPress={() => onRemove(role.assignmentId)}
              >
                {t.whatIfRemove}
              </Button>
            )
          }
        />
      </Side>
      {supposed && (
        <Side title={t.whatIf} explanation={supposed}>
          <Trace explanation={supposed} marked={addedTo(now, supposed)} mark={t.supposed} />
        </Side>
      )}
    </div>
  )
}

interface SideProps {
  readonly title: string
  readonly explanation: Explanation
  readonly children: React.ReactNode
}

function Side({ title, explanation, children }: SideProps) {
  const { allowed, limits, temporary, reason } = verdictOf(explanation)
  const word = allowed ? (limits.length > 0 ? t.allowedLimited : t.allowed) : t.denied
  return (
    <section className={css['verdict']} aria-label={title}>
      <h2>
        {title}: <Status tone={allowed ? 'ok' : 'danger'} word={`${explanation.principal.name}: ${word}`} />
      </h2>
      {limits.map((limit) => (
        <CodeBlock key={limit} label={t.limits} code={shortCondition(limit)} isWrapped />
      ))}
      {temporary && <p>{t.temporary(temporary)}</p>}
      {!allowed && <p className={css['reason']}>{reason}</p>}
      {explanation.networkRefusal && (
        <p>
          <Status tone="warning" word={t.networkRefuses(explanation.networkRefusal)} />
        </p>
      )}
      {children}
    </section>
  )
}

function addedTo(now: Explanation, supposed: Explanation): ReadonlySet<string> {
  const known = new Set(
    [now, now.otherWay].flatMap((way) => way?.roles.map((role) => role.assignmentId) ?? []),
  )
  const roles = [supposed, supposed.otherWay].flatMap((way) => way?.roles ?? [])
  return new Set(roles.map((role) => role.assignmentId).filter((id) => !known.has(id)))
}
