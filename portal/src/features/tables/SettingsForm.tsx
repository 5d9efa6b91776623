import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { refresh } from '@/api/refresh'
import { t } from '@/i18n/en/tables'
import { Form, NumberField, Select, Status, toast } from '@/ui'
import { changeSettings, type Plan, type Table } from './api'

const PLANS: readonly Plan[] = ['Analytics', 'Basic', 'Auxiliary']

/** Plan and retention of a table. What a shorter time costs is said before it is saved. */
export function SettingsForm({ table }: { readonly table: Table }) {
  const client = useQueryClient()
  const { properties } = table
  const [plan, setPlan] = useState<Plan>(properties.plan)
  const [total, setTotal] = useState<number>(
    properties.totalRetentionInDaysAsDefault ? Number.NaN : (properties.totalRetentionInDays ?? Number.NaN),
  )
  const now = properties.totalRetentionInDays ?? 0

  async function submit(form: FormData) {
    await changeSettings(table, {
      plan,
      retentionInDays: daysOf(form.get('retentionInDays')),
      totalRetentionInDays: daysOf(form.get('totalRetentionInDays')),
    })
    await refresh(client, ['tables'])
    toast(t.saved)
  }

  return (
    <Form onSubmit={submit} submitLabel={t.save}>
      <Select
        label={t.plan}
        items={PLANS.map((one) => ({ id: one, label: t.plans[one] }))}
        value={plan}
        onChange={setPlan}
      />
      <NumberField
        label={t.retentionDays}
        description={t.retentionHelp}
        name="retentionInDays"
        minValue={1}
        formatOptions={{ useGrouping: false }}
        {...(properties.retentionInDaysAsDefault || properties.retentionInDays === undefined
          ? {}
          : { defaultValue: properties.retentionInDays })}
      />
      <NumberField
        label={t.totalDays}
        description={t.totalHelp}
        name="totalRetentionInDays"
        minValue={1}
        formatOptions={{ useGrouping: false }}
        value={total}
        onChange={setTotal}
      />
      {total < now && <Status tone="warning" word={t.shorter(total)} />}
    </Form>
  )
}

/** The days that a field holds; null where it is empty. */
function daysOf(value: FormDataEntryValue | null): number | null {
  return value === null || value === '' ? null : Number(value)
}
