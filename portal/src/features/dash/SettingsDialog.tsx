import { t } from '@/i18n/en/dash'
import { Dialog, Form, RadioGroup, Select, TextArea, TextField } from '@/ui'
import type { Dashboard } from './document'

interface Props {
  readonly dashboard: Dashboard
  readonly onChange: (dashboard: Dashboard) => void
  readonly onClose: () => void
}

const OFF = 'off'
const REFRESHES = Object.entries(t.refreshes).map(([id, label]) => ({ id: id || OFF, label }))
const LAYOUTS = Object.entries(t.layouts).map(([id, label]) => ({ id, label }))

/** What is true of the whole dashboard. */
export function SettingsDialog({ dashboard, onChange, onClose }: Props) {
  function apply(form: FormData) {
    const text = (name: string) => String(form.get(name) ?? '').trim()
    const { description: _, ...rest } = dashboard
    const refresh = text('refresh')
    onChange({
      ...rest,
      title: text('title'),
      ...(text('description') ? { description: text('description') } : {}),
      layout: text('layout') === 'flow' ? 'flow' : 'grid',
      defaults: { timeRange: text('timeRange'), ...(refresh === OFF ? {} : { refresh }) },
    })
    onClose()
  }
  return (
    <Dialog title={t.settings} isOpen onClose={onClose}>
      <Form submitLabel={t.apply} onCancel={onClose} onSubmit={apply}>
        <TextField label={t.title} name="title" defaultValue={dashboard.title} isRequired maxLength={260} />
        <TextArea
          label={t.description}
          name="description"
          rows={2}
          defaultValue={dashboard.description ?? ''}
        />
        <RadioGroup label={t.layout} name="layout" items={LAYOUTS} defaultValue={dashboard.layout} />
        <TextField
          label={t.timeRange}
          name="timeRange"
          description={t.timeRangeHelp}
          defaultValue={dashboard.defaults.timeRange}
          pattern="P.+"
          isRequired
        />
        <Select
          label={t.refreshEvery}
          name="refresh"
          items={REFRESHES}
          defaultValue={dashboard.defaults.refresh ?? OFF}
        />
      </Form>
    </Dialog>
  )
}
