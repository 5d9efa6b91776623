import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '@/i18n/en/access'
import { ComboBox } from '@/ui'
import { tableNamesQuery } from './tables'

const SHOWN = 50

interface Props {
  readonly workspace: string
  readonly value: string
  readonly onChange: (table: string) => void
  readonly description?: string
}

/** A table of a workspace, found by any part of its name; empty for the whole workspace. */
export function TableBox({ workspace, value, onChange, description }: Props) {
  const { data } = useQuery(tableNamesQuery(workspace))
  const [typed, setTyped] = useState(value)
  const wanted = typed === value ? '' : typed.toLowerCase()
  const found = (data ?? [])
    .filter((name) => name !== value && name.toLowerCase().includes(wanted))
    .toSorted((one, other) => one.toLowerCase().indexOf(wanted) - other.toLowerCase().indexOf(wanted))
  const names = [...(value === '' ? [] : [value]), ...found.slice(0, SHOWN)]
  return (
    <ComboBox
      label={t.table}
      description={description}
      placeholder={t.allTables}
      isCode
      items={names.map((name) => ({ id: name, label: name }))}
      value={value === '' ? null : value}
      inputValue={typed}
      onSearch={(text) => {
        setTyped(text)
        if (text === '' && value !== '') onChange('')
      }}
      onChange={(name) => {
        setTyped(name)
        if (name !== value) onChange(name)
      }}
    />
  )
}
