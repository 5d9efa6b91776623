/** All dashboards that one may see: those that come with Kelp, and those that people keep. */

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { tenantPath, useScope } from '@/app/scope'
import { t } from '@/i18n/en/dash'
import {
  Badge,
  Button,
  Dialog,
  Form,
  LinkButton,
  ListPage,
  RadioGroup,
  TextField,
  Time,
  type ListColumn,
} from '@/ui'
import { newDashboard, type Dashboard } from './document'
import { ImportDialog } from './ImportDialog'
import { SHIPPED } from './shipped'
import { CATEGORY, listDashboards } from './storage'
import { storeNew } from './store-new'

interface Row {
  readonly id: string
  readonly title: string
  readonly kind: 'shipped' | 'own' | 'workbook'
  readonly place: string
  readonly modified: string
  readonly href: string
}

const COLUMNS: readonly ListColumn<Row>[] = [
  {
    id: 'title',
    label: t.title,
    grow: 2,
    value: (row) => row.title,
    cell: (row) => (
      <LinkButton variant="quiet" size="small" href={row.href}>
        {row.title}
      </LinkButton>
    ),
  },
  { id: 'kind', label: t.kind, value: (row) => t[row.kind], cell: (row) => <Badge>{t[row.kind]}</Badge> },
  { id: 'place', label: t.place, value: (row) => row.place },
  {
    id: 'modified',
    label: t.modified,
    value: (row) => row.modified,
    cell: (row) => <Time value={row.modified} />,
  },
]

export function Dashboards() {
  const client = useQueryClient()
  const router = useRouter()
  const { tenant, workspace } = useScope()
  const [shown, setShown] = useState<'none' | 'new' | 'import'>('none')
  const { data, error, refetch, isPending } = useQuery({
    queryKey: ['dash', 'lists', 'rows'],
    queryFn: () => listDashboards(client),
    staleTime: 0,
  })
  const rows: Row[] = [
    ...SHIPPED.map(({ id, title }) => ({
      id,
      title,
      kind: 'shipped' as const,
      place: '',
      modified: '',
      href: tenantPath(tenant, 'dash', id),
    })),
    ...(data ?? []).map(({ id, name, properties }) => ({
      id: name,
      title: properties.displayName,
      kind: properties.category === CATEGORY ? ('own' as const) : ('workbook' as const),
      place: id.split('/')[4] ?? '',
      modified: properties.timeModified ?? '',
      href: tenantPath(tenant, 'dash', name),
    })),
  ]
  const keep = async (dashboard: Dashboard) => {
    const stored = await storeNew(client, workspace, dashboard)
    return tenantPath(tenant, 'dash', stored.id)
  }
  return (
    <>
      <ListPage
        title={t.dashboards}
        rows={isPending ? undefined : rows}
        error={error}
        retry={() => void refetch()}
        rowKey={(row) => row.id}
        rowLabel={(row) => row.title}
        onOpen={(row) => router.history.push(row.href)}
        columns={COLUMNS}
        actions={
          <>
            <Button onPress={() => setShown('import')}>{t.importIt}</Button>
            <Button variant="primary" onPress={() => setShown('new')}>
              {t.create}
            </Button>
          </>
        }
      />
      <Dialog title={t.create} isOpen={shown === 'new'} onClose={() => setShown('none')}>
        <p>{t.createText}</p>
        <Form
          submitLabel={t.create}
          onCancel={() => setShown('none')}
          onSubmit={async (form) => {
            const layout = form.get('layout') === 'flow' ? 'flow' : 'grid'
            router.history.push(await keep(newDashboard(String(form.get('title')).trim(), layout)))
          }}
        >
          <TextField label={t.title} name="title" isRequired maxLength={260} />
          <RadioGroup
            label={t.layout}
            name="layout"
            defaultValue="grid"
            items={Object.entries(t.layouts).map(([id, label]) => ({ id, label }))}
          />
        </Form>
      </Dialog>
      <ImportDialog isOpen={shown === 'import'} onClose={() => setShown('none')} onKeep={keep} />
    </>
  )
}
