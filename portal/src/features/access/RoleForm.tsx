import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { refresh } from '@/api/refresh'
import { t } from '@/i18n/en/access'
import { Button, ComboBox, Form, Status, TextArea, TextField, toast } from '@/ui'
import css from './access.module.css'
import { operationsQuery, saveRole, type Operation, type Role } from './api'
import {
  draftOf,
  LISTS,
  startText,
  unknownPatterns,
  withLine,
  type List,
  type PermissionText,
} from './role-draft'

export interface RoleFormProps {
  readonly scope: string
  /** The role that is changed, or of which a copy is made; null for a new one. */
  readonly origin: Role | null
  readonly isCopy: boolean
  readonly onClose: () => void
}

/** What a role of one's own is called, permits, and where it can be given. */
export function RoleForm({ scope, origin, isCopy, onClose }: RoleFormProps) {
  const client = useQueryClient()
  const [text, setText] = useState(() => startText(origin, scope))

  async function submit(form: FormData) {
    const draft = draftOf(String(form.get('roleName')), String(form.get('description')), text)
    await saveRole(scope, origin && !isCopy ? origin.name : crypto.randomUUID(), draft)
    toast(t.roleSaved(draft.roleName))
    onClose()
    await refresh(client, ['access'])
  }

  return (
    <Form onSubmit={submit} submitLabel={t.saveRole} onCancel={onClose}>
      <TextField
        label={t.roleName}
        name="roleName"
        defaultValue={
          isCopy ? t.copyOf(origin?.properties.roleName ?? '') : (origin?.properties.roleName ?? '')
        }
        isRequired
      />
      <TextField
        label={t.roleDescription}
        name="description"
        defaultValue={origin?.properties.description ?? ''}
      />
      {text.permissions.map((permission, index) => (
        <PermissionFields
          // oxlint-disable-next-line no-array-index-key -- permissions have no other name
          key={index}
          name={`properties.permissions[${index}]`}
          permission={permission}
          onChange={(next) => setText({ ...text, permissions: text.permissions.with(index, next) })}
        />
      ))}
      <TextArea
        label={t.assignableScopes}
        description={t.assignableScopesHelp}
        name="assignableScopes"
        rows={2}
        isCode
        value={text.assignableScopes}
        onChange={(assignableScopes) => setText({ ...text, assignableScopes })}
      />
    </Form>
  )
}

interface PermissionProps {
  /** What the server calls it. */
  readonly name: string
  readonly permission: PermissionText
  readonly onChange: (permission: PermissionText) => void
}

function PermissionFields({ name, permission, onChange }: PermissionProps) {
  const { data } = useQuery(operationsQuery)

  function add(action: string) {
    const list: List = data?.find((one) => one.name === action)?.isDataAction ? 'dataActions' : 'actions'
    onChange({ ...permission, [list]: withLine(permission[list], action) })
  }

  return (
    <>
      <ActionAdder operations={data ?? []} onAdd={add} />
      {LISTS.map((list) => (
        <div key={list}>
          <TextArea
            label={t[list]}
            name={`${name}.${list}`}
            description={t.patternsHelp}
            rows={list === 'actions' ? 4 : 2}
            isCode
            value={permission[list]}
            onChange={(next) => onChange({ ...permission, [list]: next })}
          />
          <Unknown
            patterns={unknownPatterns(permission[list], data ?? [], list.toLowerCase().includes('data'))}
          />
        </div>
      ))}
    </>
  )
}

interface AdderProps {
  readonly operations: readonly Operation[]
  readonly onAdd: (action: string) => void
}

/** Finds an action by its name or by what it does. */
function ActionAdder({ operations, onAdd }: AdderProps) {
  const [search, setSearch] = useState('')
  const isKnown = operations.some((one) => one.name === search)
  const found = operations.filter(
    (one) => isKnown || `${one.name}\n${one.displayName}`.toLowerCase().includes(search.toLowerCase()),
  )
  return (
    <div className={css['adder']}>
      <ComboBox
        label={t.findAction}
        description={t.findActionHelp}
        isCode
        items={found.map((one) => ({ id: one.name, label: one.name, description: one.displayName }))}
        value={isKnown ? search : null}
        inputValue={search}
        onSearch={setSearch}
        onChange={setSearch}
      />
      <Button
        isDisabled={!isKnown}
        onPress={() => {
          onAdd(search)
          setSearch('')
        }}
      >
        {t.addAction}
      </Button>
    </div>
  )
}

function Unknown({ patterns }: { readonly patterns: readonly string[] }) {
  return patterns.length === 0 ? null : <Status tone="warning" word={t.unknownActions(patterns.join(', '))} />
}
