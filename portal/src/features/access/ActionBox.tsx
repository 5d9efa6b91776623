import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { t } from '@/i18n/en/access'
import { ComboBox } from '@/ui'
import { operationsQuery, type Operation } from './api'
import { tableOf } from './places'

interface Props {
  readonly label: string
  readonly description?: string
  readonly scope: string
  readonly value: string
  /** Tells too whether it is an action on data, where the service knows it. */
  readonly onChange: (action: string, isDataAction?: boolean) => void
}

/** An action, found by any part of its name; one that the service does not know may be written too. */
export function ActionBox({ label, description, scope, value, onChange }: Props) {
  const { data } = useQuery(operationsQuery)
  const items = useMemo(() => [...readingOf(scope), ...(data ?? [])], [scope, data])
  return (
    <ComboBox
      label={label}
      description={description ?? t.actionHelp}
      isCode
      isRequired
      allowsCustomValue
      items={items.map(({ name, displayName }) => ({ id: name, label: name, description: displayName }))}
      inputValue={value}
      onChange={(name) =>
        name !== value && onChange(name, items.find((one) => one.name === name)?.isDataAction)
      }
    />
  )
}

/** Reading the records of the table that the scope is, which stands first there. */
function readingOf(scope: string): readonly Operation[] {
  const table = tableOf(scope)
  if (table === '') return []
  const name = `Microsoft.OperationalInsights/workspaces/query/${table}/read`
  return [{ name, displayName: t.readRecords(table), isDataAction: false }]
}
