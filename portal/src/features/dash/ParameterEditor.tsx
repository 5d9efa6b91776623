import { useState } from 'react'
import { t } from '@/i18n/en/dash'
import { Checkbox, Dialog, Form, Select, TextArea, TextField } from '@/ui'
import type { Parameter, ParameterType } from './document'
import { linesOf } from './ItemEditor'

interface Props {
  readonly onAdd: (parameter: Parameter) => void
  readonly onClose: () => void
}

const TYPES = Object.entries(t.parameterTypes).map(([id, label]) => ({ id: id as ParameterType, label }))

/** The form for a new parameter; those that are there are changed in the JSON beside. */
export function ParameterEditor({ onAdd, onClose }: Props) {
  const [type, setType] = useState<ParameterType>('query')
  const isChoice = type === 'query' || type === 'list'
  return (
    <Dialog title={t.parameter} isOpen onClose={onClose}>
      <Form
        submitLabel={t.add}
        onCancel={onClose}
        onSubmit={(form) => {
          onAdd(readParameter(type, form))
          onClose()
        }}
      >
        <TextField label={t.parameterName} name="name" isRequired pattern="[A-Za-z_]\w*" isCode />
        <TextField label={t.parameterLabel} name="label" />
        <Select label={t.parameterType} items={TYPES} value={type} onChange={setType} />
        {type === 'query' && <TextArea label={t.parameterQuery} name="query" isCode isRequired />}
        {type === 'list' && <TextArea label={t.parameterValues} name="values" isRequired />}
        {isChoice && (
          <>
            <Checkbox name="multi">{t.parameterMulti}</Checkbox>
            <Checkbox name="allowAll">{t.parameterAll}</Checkbox>
          </>
        )}
      </Form>
    </Dialog>
  )
}

function readParameter(type: ParameterType, form: FormData): Parameter {
  const text = (name: string) => String(form.get(name) ?? '').trim()
  return {
    name: text('name'),
    type,
    ...(text('label') ? { label: text('label') } : {}),
    ...(type === 'query' ? { query: text('query') } : {}),
    ...(type === 'list' ? { values: linesOf(text('values')) } : {}),
    ...(form.has('multi') ? { multi: true } : {}),
    ...(form.has('allowAll') ? { allowAll: true } : {}),
  }
}
