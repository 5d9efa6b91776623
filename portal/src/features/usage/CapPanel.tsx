import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { armPatch } from '@/api/arm'
import { refresh } from '@/api/refresh'
import { WORKSPACE_VERSION, workspaceResourceQuery, type Workspace } from '@/api/workspaces'
import { useCan } from '@/app/session'
import { t } from '@/i18n/en/usage'
import { formatBytes } from '@/lib/format'
import { Button, Dialog, ErrorState, Form, Meter, NumberField, Section, Time, toast } from '@/ui'
import { dayUsageQuery } from './api'

interface Props {
  /** The workspace's resource id. */
  readonly resource: string
  readonly resetHour: number
}

/** What a workspace received since the reset, against its cap, and the cap. */
export function CapPanel({ resource, resetHour }: Props) {
  const [isOpen, setOpen] = useState(false)
  const canWrite = useCan('write')
  const day = useQuery(dayUsageQuery(resource))
  const workspace = useQuery(workspaceResourceQuery(resource))
  const error = day.error ?? workspace.error
  return (
    <Section title={t.cap}>
      {error && <ErrorState error={error} />}
      {day.data && (
        <>
          <Received used={day.data.currentValue} limit={day.data.limit} />
          <p>
            {t.todayHow} {t.resets} <Time value={day.data.nextResetTime} />.
          </p>
        </>
      )}
      {canWrite && workspace.data && (
        <div>
          <Button size="small" onPress={() => setOpen(true)}>
            {t.capEdit}
          </Button>
        </div>
      )}
      {workspace.data && (
        <Dialog title={t.capEdit} isOpen={isOpen} onClose={() => setOpen(false)}>
          <CapForm workspace={workspace.data} resetHour={resetHour} onClose={() => setOpen(false)} />
        </Dialog>
      )}
    </Section>
  )
}

function Received({ used, limit }: { readonly used: number; readonly limit: number }) {
  if (limit < 0) return <p>{`${t.today}: ${t.todayUncapped(formatBytes(used))}`}</p>
  return (
    <Meter
      label={t.today}
      value={used}
      maximum={Math.max(limit, 1)}
      valueLabel={t.todayOf(formatBytes(used), formatBytes(limit))}
      warningAt={0.8}
      dangerAt={1}
    />
  )
}

interface FormProps {
  readonly workspace: Workspace
  readonly resetHour: number
  readonly onClose: () => void
}

function CapForm({ workspace, resetHour, onClose }: FormProps) {
  const client = useQueryClient()
  const { dailyQuotaGb } = workspace.properties.workspaceCapping

  async function submit(form: FormData) {
    const cap = String(form.get('dailyQuotaGb'))
    const properties = { workspaceCapping: { dailyQuotaGb: cap === '' ? -1 : Number(cap) } }
    const options = { etag: workspace.etag }
    const saved = await armPatch<Workspace>(workspace.id, WORKSPACE_VERSION, { properties }, options)
    client.setQueryData(workspaceResourceQuery(workspace.id).queryKey, saved)
    await refresh(client, ['usage'])
    toast(t.saved)
    onClose()
  }

  return (
    <Form onSubmit={submit} submitLabel={t.save} onCancel={onClose}>
      <NumberField
        autoFocus
        label={t.capField}
        description={t.capHelp}
        name="dailyQuotaGb"
        minValue={0}
        formatOptions={{ maximumFractionDigits: 6 }}
        {...(dailyQuotaGb < 0 ? {} : { defaultValue: dailyQuotaGb })}
      />
      <p>{t.capReset(`${String(resetHour).padStart(2, '0')}:00`)}</p>
    </Form>
  )
}
