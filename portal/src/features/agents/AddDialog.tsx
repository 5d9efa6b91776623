import { tenantPath, useScope, workspacePath } from '@/app/scope'
import { useCan, useSession } from '@/app/session'
import { t } from '@/i18n/en/agents'
import { CodeBlock, Dialog, LinkButton } from '@/ui'
import css from './agents.module.css'
import { heartbeatCommand, keyCommand, THIS_MACHINE, type Destination } from './commands'

interface Props {
  readonly workspace: string
  /** The workspace's resource id. */
  readonly resource: string
  readonly isOpen: boolean
  readonly onClose: () => void
}

/** How a computer begins to send, by what there is today. */
export function AddDialog({ workspace, resource, isOpen, onClose }: Props) {
  const { tenant } = useSession()
  const destination = { origin: window.location.origin, workspace, resource, tenantId: tenant.id }
  return (
    <Dialog title={t.add} isOpen={isOpen} onClose={onClose} size="wide">
      <Ways destination={destination} />
    </Dialog>
  )
}

function Ways({ destination }: { readonly destination: Destination }) {
  const { tenant } = useScope()
  const canWrite = useCan('write')
  const { workspace } = destination
  return (
    <div className={css['ways']}>
      <p>{t.addText}</p>
      <h3>{t.own}</h3>
      <p>{t.ownText}</p>
      <CodeBlock label={t.own} code={THIS_MACHINE} isWrapped />
      <h3>{t.beat}</h3>
      <p>{t.beatText}</p>
      <CodeBlock label={t.beat} code={heartbeatCommand(destination)} />
      <div>
        <LinkButton href={tenantPath(tenant, 'access')}>{t.access}</LinkButton>
      </div>
      <h3>{t.key}</h3>
      <p>{t.keyText}</p>
      <CodeBlock label={t.key} code={keyCommand(destination)} />
      {canWrite && (
        <div>
          <LinkButton href={workspacePath(tenant, workspace, 'keys')}>{t.showKeys}</LinkButton>
        </div>
      )}
      <p>{t.rulesText}</p>
      <div>
        <LinkButton href={workspacePath(tenant, workspace, 'rules')}>{t.toRules}</LinkButton>
      </div>
    </div>
  )
}
