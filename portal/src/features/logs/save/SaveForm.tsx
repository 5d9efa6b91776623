import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { refresh } from '@/api/refresh'
import { t } from '@/i18n/en/logs'
import { ComboBox } from '@/ui/ComboBox'
import { Form } from '@/ui/Form'
import { RadioGroup } from '@/ui/RadioGroup'
import { Select } from '@/ui/Select'
import { TextField } from '@/ui/TextField'
import { toast } from '@/ui/toast'
import type { Tab } from '../tabs/tab'
import { listPacks, putPackQuery, putSearch } from './api'
import { searchesQuery } from './queries'
import { noteSaved } from './saving'

type Kind = 'search' | 'function' | 'pack'

interface SaveFormProps {
  readonly tab: Tab
  readonly title: string
  readonly workspaceId: string
  readonly onClose: () => void
}

/** Name, category and, for a function, what it is called by and with. */
export function SaveForm({ tab, title, workspaceId, onClose }: SaveFormProps) {
  const client = useQueryClient()
  const [kind, setKind] = useState<Kind>('search')
  const { data: searches = [] } = useQuery(searchesQuery(workspaceId))
  const { data: packs = [] } = useQuery({
    queryKey: ['saved', 'pack names', workspaceId],
    queryFn: ({ signal }) => listPacks(workspaceId, signal),
  })
  const categories = [
    ...new Set([t.saved.defaultCategory, ...searches.map((search) => search.properties.category)]),
  ]

  async function save(form: FormData) {
    const text = (name: string) => String(form.get(name) ?? '').trim()
    if (kind === 'pack') {
      await putPackQuery(text('pack'), { displayName: text('displayName'), body: tab.text })
      toast({ title: t.saved.saved(text('displayName')), tone: 'ok' })
    } else {
      const tags = text('tags')
        .split(',')
        .flatMap((tag) => (tag.trim() ? [{ name: 'Tag', value: tag.trim() }] : []))
      const made = await putSearch(`${workspaceId}/savedSearches/${crypto.randomUUID()}`, {
        displayName: text('displayName'),
        category: text('category') || t.saved.defaultCategory,
        query: tab.text,
        ...(kind === 'function'
          ? { functionAlias: text('functionAlias'), functionParameters: text('functionParameters') || null }
          : {}),
        ...(tags.length > 0 ? { tags } : {}),
      })
      noteSaved(tab, made)
    }
    await Promise.all([refresh(client, ['saved']), refresh(client, ['metadata'])])
    onClose()
  }

  const kinds: { id: Kind; label: string }[] = [
    { id: 'search', label: t.saved.asSearch },
    { id: 'function', label: t.saved.asFunction },
    ...(packs.length > 0 ? [{ id: 'pack' as const, label: t.saved.inPack }] : []),
  ]
  return (
    <Form submitLabel={t.saved.save} onCancel={onClose} onSubmit={save}>
      <RadioGroup
        label={t.saved.kind}
        items={kinds}
        value={kind}
        onChange={setKind}
        orientation="horizontal"
      />
      <TextField label={t.saved.name} name="displayName" defaultValue={title} isRequired autoFocus />
      {kind === 'pack' ? (
        <Select
          label={t.saved.pack}
          name="pack"
          isRequired
          items={packs.map((pack) => ({ id: pack.id, label: pack.name }))}
        />
      ) : (
        <ComboBox
          label={t.saved.category}
          name="category"
          allowsCustomValue
          items={categories.map((category) => ({ id: category, label: category }))}
        />
      )}
      {kind === 'function' && (
        <>
          <TextField label={t.saved.alias} name="functionAlias" isRequired isCode />
          <TextField
            label={t.saved.parameters}
            description={t.saved.parametersHint}
            name="functionParameters"
            isCode
          />
        </>
      )}
      {kind !== 'pack' && <TextField label={t.saved.tags} description={t.saved.tagsHint} name="tags" />}
    </Form>
  )
}
