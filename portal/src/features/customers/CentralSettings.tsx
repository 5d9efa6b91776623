import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { refresh } from '@/api/refresh'
import { t } from '@/i18n/en/customers'
import { ErrorState, Form, Loading, NumberField, Switch, TextField, toast } from '@/ui'
import { centralQuery, changeCustomer, type CentralCustomer } from './central'

/** What a provider decides about a customer of its workspace: name, block, cap, retention. */
export function CentralSettings({ resourceId }: { readonly resourceId: string }) {
  const { data, error, refetch } = useQuery(centralQuery(resourceId))
  if (error) return <ErrorState error={error} retry={() => void refetch()} />
  if (!data) return <Loading />
  return <SettingsForm key={data.etag} customer={data} />
}

function SettingsForm({ customer }: { readonly customer: CentralCustomer }) {
  const client = useQueryClient()
  const { displayName, state, blockReason, dailyQuotaGb, retentionInDays } = customer.properties
  const [isBlocked, setBlocked] = useState(state === 'Blocked')

  async function submit(form: FormData) {
    const [cap, days] = [String(form.get('dailyQuotaGb')), String(form.get('retentionInDays'))]
    const saved = await changeCustomer(customer, {
      displayName: String(form.get('displayName')),
      state: isBlocked ? 'Blocked' : 'Active',
      blockReason: isBlocked ? String(form.get('blockReason')) : '',
      dailyQuotaGb: cap === '' ? -1 : Number(cap),
      retentionInDays: days === '' ? null : Number(days),
    })
    client.setQueryData(centralQuery(customer.id).queryKey, saved)
    toast(t.saved)
    await refresh(client, ['customers'])
  }

  return (
    <Form onSubmit={submit} submitLabel={t.save}>
      <TextField label={t.displayName} name="displayName" defaultValue={displayName} />
      <Switch isSelected={isBlocked} onChange={setBlocked} description={t.blockHelp}>
        {t.block}
      </Switch>
      {isBlocked && (
        <TextField
          label={t.blockReason}
          name="blockReason"
          defaultValue={blockReason ?? ''}
          maxLength={256}
        />
      )}
      <NumberField
        label={t.capInGb}
        description={t.capHelp}
        name="dailyQuotaGb"
        minValue={0}
        formatOptions={{ maximumFractionDigits: 6 }}
        {...(dailyQuotaGb < 0 ? {} : { defaultValue: dailyQuotaGb })}
      />
      <NumberField
        label={t.retention}
        description={t.retentionHelp}
        name="retentionInDays"
        {...(retentionInDays === undefined ? {} : { defaultValue: retentionInDays })}
      />
    </Form>
  )
}
