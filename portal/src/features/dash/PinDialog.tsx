/** Puts a chart of Logs on a dashboard. */

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { refresh } from '@/api/refresh'
import type { PinnedChart } from '@/app/pin'
import { tenantPath, useScope } from '@/app/scope'
import { t } from '@/i18n/en/dash'
import { Dialog, Form, Loading, RadioGroup, Select, TextField, toast } from '@/ui'
import { readRender, visualOf } from '@/viz'
import { freeId, newDashboard, readDashboard, type Dashboard, type QueryItem } from './document'
import { addItem } from './editing'
import { placeItems } from './layout'
import { CATEGORY, listDashboards, readWorkbook, refreshLists, saveDashboard } from './storage'
import { storeNew } from './store-new'

interface Props {
  readonly chart: PinnedChart
  readonly onClose: () => void
}

const NEW = 'new'

export function PinDialog({ chart, onClose }: Props) {
  const client = useQueryClient()
  const router = useRouter()
  const { tenant, workspace } = useScope()
  const [chosen, setChosen] = useState<string | null>(null)
  const { data, error } = useQuery({
    queryKey: ['dash', 'lists', 'rows'],
    queryFn: () => listDashboards(client),
    staleTime: 0,
  })
  const own = (data ?? []).filter(({ properties }) => properties.category === CATEGORY)
  const target = chosen ?? own[0]?.id ?? NEW

  async function pin(form: FormData) {
    const isFirst = form.get('position') === 'start'
    const title = String(form.get('chart')).trim()
    const put = (dashboard: Dashboard) => ({
      ...dashboard,
      items: addItem(placeItems(dashboard.items), itemOf({ ...chart, title }, dashboard), isFirst),
    })
    const kept =
      target === NEW
        ? await storeNew(client, workspace, put(dashboardFor(chart, String(form.get('title')).trim())))
        : await pinTo(target, put)
    await Promise.all([refreshLists(client), refresh(client, ['dash', 'opened'])])
    const href = tenantPath(tenant, 'dash', kept.id)
    toast({
      title: t.pinned(kept.title),
      tone: 'ok',
      action: { label: t.show, onAction: () => router.history.push(href) },
    })
    onClose()
  }

  const choices = [
    ...own.map(({ id, properties }) => ({ id, label: properties.displayName })),
    { id: NEW, label: t.pinNew },
  ]
  return (
    <Dialog title={t.pin} isOpen onClose={onClose}>
      {data === undefined && !error ? (
        <Loading />
      ) : (
        <Form submitLabel={t.pin} onCancel={onClose} onSubmit={pin}>
          <Select label={t.pinWhere} items={choices} value={target} onChange={setChosen} />
          {target === NEW && <TextField label={t.pinNewTitle} name="title" isRequired maxLength={260} />}
          <TextField label={t.pinTitle} name="chart" defaultValue={chart.title} isRequired />
          <RadioGroup
            label={t.pinPosition}
            name="position"
            defaultValue="end"
            items={Object.entries(t.pinPositions).map(([id, label]) => ({ id, label }))}
          />
        </Form>
      )}
    </Dialog>
  )
}

/** A new dashboard begins with the range that the chart was made with, where that one goes on with time. */
function dashboardFor({ timeRange = '' }: PinnedChart, title: string): Dashboard {
  const made = newDashboard(title)
  return timeRange.startsWith('P') && !timeRange.includes('/') ? { ...made, defaults: { timeRange } } : made
}

async function pinTo(id: string, put: (dashboard: Dashboard) => Dashboard): Promise<Dashboard> {
  const workbook = await readWorkbook(id)
  const { dashboard, faults, isNewer } = readDashboard(workbook.properties.serializedData ?? '')
  if (!dashboard || isNewer)
    throw new Error(faults[0] ? `${t.faulty} ${faults[0].target} ${faults[0].message}` : t.newerOne)
  const changed = put(dashboard)
  await saveDashboard(id, changed, workbook.etag)
  return { ...changed, id: workbook.name }
}

function itemOf(chart: PinnedChart, dashboard: Dashboard): QueryItem {
  // The visual says what `render` said, and later changes of it: the line in the text is not drawn twice.
  const visual =
    chart.visual && visualOf({ ...readRender(chart.visual as Record<string, unknown>), title: null })
  return {
    id: freeId(dashboard.items, 'query'),
    kind: 'query',
    title: chart.title,
    query: chart.query,
    ...(visual ? { visual } : {}),
    scope: chart.scope,
  }
}
