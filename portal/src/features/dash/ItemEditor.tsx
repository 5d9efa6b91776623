/** The form that changes one item. */

import { t } from '@/i18n/en/dash'
import { t as viz } from '@/i18n/en/viz'
import { Checkbox, Dialog, Form, Select, TextArea, TextField } from '@/ui'
import { KINDS, UNITS } from '@/viz'
import type { Item } from './document'
import { titleOf } from './titles'

interface Props {
  readonly item: Item
  /** Those that it can be in. */
  readonly groups: readonly Item[]
  readonly onChange: (item: Item) => void
  readonly onClose: () => void
}

const AUTOMATIC = 'automatic'
/** No id has a sign like this. */
const NO_GROUP = '*'

export function ItemEditor({ item, groups, onChange, onClose }: Props) {
  return (
    <Dialog title={t.editing(titleOf(item))} isOpen onClose={onClose} size="wide">
      <Form
        submitLabel={t.apply}
        onCancel={onClose}
        onSubmit={(form) => {
          onChange(readForm(item, form))
          onClose()
        }}
      >
        <TextField label={t.itemTitle} name="title" defaultValue={item.title ?? ''} />
        {item.kind === 'query' && <QueryFields item={item} />}
        {item.kind === 'markdown' && (
          <TextArea label={t.text} name="text" rows={10} defaultValue={item.text} />
        )}
        {item.kind === 'links' && (
          <TextArea
            label={t.links}
            name="links"
            defaultValue={item.links.map(({ label, href }) => `${label} | ${href}`).join('\n')}
          />
        )}
        {item.kind !== 'group' && groups.length > 0 && (
          <Select
            label={t.inGroup}
            name="group"
            defaultValue={item.group ?? NO_GROUP}
            items={[
              { id: NO_GROUP, label: t.none },
              ...groups.map((group) => ({ id: group.id, label: titleOf(group) })),
            ]}
          />
        )}
        {item.kind === 'group' && (
          <Checkbox name="isClosed" defaultSelected={Boolean(item.isClosed)}>
            {t.isClosed}
          </Checkbox>
        )}
        <TextField
          label={t.showWhen}
          name="showWhen"
          defaultValue={item.showWhen ? `${item.showWhen.param} = ${item.showWhen.equals ?? ''}` : ''}
        />
      </Form>
    </Dialog>
  )
}

function QueryFields({ item }: { readonly item: Extract<Item, { kind: 'query' }> }) {
  const visual = item.visual ?? {}
  const clicks = (item.onClick ?? []).map(({ set, from }) => `${set} = ${from}`)
  return (
    <>
      <TextArea
        label={t.query}
        name="query"
        rows={10}
        isCode
        description={t.queryHelp}
        defaultValue={item.query}
      />
      <Select
        label={t.visual}
        name="visual"
        defaultValue={String(visual['kind'] ?? AUTOMATIC)}
        items={[
          { id: AUTOMATIC, label: t.asRendered },
          ...KINDS.map((kind) => ({ id: kind as string, label: viz.kinds[kind] })),
        ]}
      />
      <Select
        label={t.unit}
        name="unit"
        defaultValue={String(visual['unit'] ?? 'number')}
        items={UNITS.map((unit) => ({ id: unit as string, label: t.units[unit] }))}
      />
      <TextField
        label={t.timeRange}
        name="timeRange"
        description={t.timeRangeHelp}
        defaultValue={item.timeRange ?? ''}
      />
      <TextArea label={t.onClick} name="onClick" rows={2} defaultValue={clicks.join('\n')} />
    </>
  )
}

function readForm(item: Item, form: FormData): Item {
  const text = (name: string) => String(form.get(name) ?? '').trim()
  const { title: _title, showWhen: _showWhen, group: grouped, ...rest } = item
  const group = form.has('group') ? text('group') : (grouped ?? NO_GROUP)
  const [param, equals] = pairOf(text('showWhen'), '=')
  const base = {
    ...rest,
    ...(text('title') ? { title: text('title') } : {}),
    ...(group === NO_GROUP ? {} : { group }),
    ...(param ? { showWhen: { param, equals } } : {}),
  } as Item
  switch (base.kind) {
    case 'query': {
      const { timeRange: _timeRange, onClick: _onClick, visual: old = {}, ...query } = base
      const { kind: _kind, unit: _unit, ...visual } = old
      const onClick = linesOf(text('onClick')).map((line) => {
        const [set, from] = pairOf(line, '=')
        return { set, from }
      })
      return {
        ...query,
        query: text('query'),
        visual: {
          ...visual,
          ...(text('visual') === AUTOMATIC ? {} : { kind: text('visual') }),
          ...(text('unit') === 'number' ? {} : { unit: text('unit') }),
        },
        ...(text('timeRange') ? { timeRange: text('timeRange') } : {}),
        ...(onClick.length > 0 ? { onClick } : {}),
      }
    }
    case 'markdown':
      return { ...base, text: text('text') }
    case 'group':
      return { ...base, isClosed: form.has('isClosed') }
    case 'links':
      return {
        ...base,
        links: linesOf(text('links')).map((line) => {
          const [label, href] = pairOf(line, '|')
          return { label, href }
        }),
      }
    default:
      return base
  }
}

export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

function pairOf(line: string, sign: string): [string, string] {
  const at = line.indexOf(sign)
  return at < 0 ? [line.trim(), ''] : [line.slice(0, at).trim(), line.slice(at + 1).trim()]
}
