import { useMutation } from '@tanstack/react-query'
import { t } from '@/i18n/en/access'
import { useUrlState } from '@/lib/url-state'
import { Button, Checkbox, CodeBlock, ErrorState, Status, TextField } from '@/ui'
import { explain, placeName, type Explanation } from './api'
import css from './access.module.css'

/** The server's own account of a decision: who, what, where, and every role that it looked at. */
export function Why({ scope }: { readonly scope: string }) {
  const [who, setWho] = useUrlState('who')
  const [action, setAction] = useUrlState('action')
  const [kind, setKind] = useUrlState('kind')
  const asked = useMutation({ mutationFn: explain })
  return (
    <>
      <form
        className={css['question']}
        onSubmit={(event) => {
          event.preventDefault()
          asked.mutate({ scope, principal: who, action, isDataAction: kind === 'data' })
        }}
      >
        <TextField label={t.who} isCode value={who} onChange={(text) => setWho(text, { replace: true })} />
        <TextField
          label={t.action}
          description={t.actionHelp}
          isCode
          isRequired
          value={action}
          onChange={(text) => setAction(text, { replace: true })}
        />
        <Checkbox
          isSelected={kind === 'data'}
          onChange={(isData) => setKind(isData ? 'data' : '', { replace: true })}
        >
          {t.isData}
        </Checkbox>
        <p>
          <Button type="submit" variant="primary" isPending={asked.isPending}>
            {t.explain}
          </Button>
        </p>
      </form>
      {asked.error && <ErrorState error={asked.error} />}
      {asked.data && <Verdict explanation={asked.data} />}
    </>
  )
}

function Verdict({ explanation }: { readonly explanation: Explanation }) {
  const { allowed, reason, principal, limits, roles, grantedBy } = explanation
  return (
    <section className={css['verdict']} aria-live="polite">
      <h2>
        <Status
          tone={allowed ? 'ok' : 'danger'}
          word={`${principal.name}: ${allowed ? t.allowed : t.denied}`}
        />
      </h2>
      <p>{reason}</p>
      {limits.map((limit) => (
        <CodeBlock key={limit} label={t.limits} code={limit} isWrapped />
      ))}
      <h3>{t.considered}</h3>
      {roles.length === 0 && <p>{t.noRoles}</p>}
      <ol className={css['considered']}>
        {roles.map((role) => (
          <li key={`${role.assignmentId}${role.scope}`}>
            <strong>{role.roleName}</strong>, {t.at.toLowerCase()} {placeName(role.scope)} ({role.scope}),{' '}
            {t.through} <code>{role.principalId}</code>
            {role.managedByTenantId && ` ${t.managedBy} ${role.managedByTenantId}`}
            {': '}
            <Status
              tone={role.permits ? 'ok' : 'none'}
              word={role.assignmentId === grantedBy ? t.grantedBy : role.permits ? t.permits : t.permitsNot}
            />
            {role.condition && <CodeBlock label={t.condition} code={role.condition} isWrapped />}
          </li>
        ))}
      </ol>
    </section>
  )
}
