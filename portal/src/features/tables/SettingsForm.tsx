import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { refresh } from '@/api/refresh'
import { t } from '@/i18n/en/tables'
import { useTimeZone } from '@/lib/preferences'
import { formatTime } from '@/lib/time'
import { Form, NumberField, Select, toast } from '@/ui'
import { changeSettings, type Plan, type Table } from './api'
import { Removal } from './Removal'

const WEEK_MILLISECONDS = 7 * 86_400_000

/** What a plan can become: a table is made for the plan Auxiliary, and stays in it. */
function plansFor(plan: Plan): readonly Plan[] {
  return plan === 'Auxiliary' ? ['Auxiliary'] : ['Analytics', 'Basic']
}

/** When the plan can be changed next, where that is not now. */
function planNote({ properties }: Table, zone: string): string | undefined {
  if (properties.plan === 'Auxiliary') return t.planStays
  if (!properties.lastPlanModifiedDate) return undefined
  const free = new Date(Date.parse(properties.lastPlanModifiedDate) + WEEK_MILLISECONDS)
  return free > new Date() ? t.planRests(formatTime(free, zone)) : undefined
}

/** Plan and retention of a table. What a shorter time costs is said before it is saved. */
export function SettingsForm({ table }: { readonly table: Table }) {
  const client = useQueryClient()
  const zone = useTimeZone()
  const { properties } = table
  const [plan, setPlan] = useState<Plan>(properties.plan)
  const [total, setTotal] = useState<number>(
    properties.totalRetentionInDaysAsDefault ? Number.NaN : (properties.totalRetentionInDays ?? Number.NaN),
  )
  const now = properties.totalRetentionInDays ?? 0
  const interactive = properties.retentionInDays ?? 0

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
        description={planNote(table, zone)}
        items={plansFor(properties.plan).map((one) => ({ id: one, label: t.plans[one] }))}
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
      {/* Without a time of its own a table keeps records as long as queries see them. */}
      <Removal table={table} days={Number.isNaN(total) ? interactive : total} before={now} />
    </Form>
  )
}

/** The days that a field holds; null where it is empty. */
function daysOf(value: FormDataEntryValue | null): number | null {
  return value === null || value === '' ? null : Number(value)
}
