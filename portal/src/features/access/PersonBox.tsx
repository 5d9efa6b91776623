import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '@/i18n/en/access'
import { useSettled } from '@/lib/use-settled'
import { ComboBox } from '@/ui'
import { isGuid, namesQuery, principalsQuery } from '@/api/principals'

interface Props {
  readonly label: string
  readonly description?: string
  /** The id of somebody, or a sign-in name; empty for nobody. */
  readonly value: string
  readonly onChange: (who: string) => void
  /** A sign-in name does too; else only who is found counts. */
  readonly allowsNames?: boolean
  readonly isRequired?: boolean
}

/** Somebody, found by the beginning of a name, a sign-in name or an address. Who may not list people writes an id. */
export function PersonBox({ label, description, value, onChange, allowsNames = false, isRequired }: Props) {
  const [typed, setTyped] = useState<string>()
  const names = useQuery(namesQuery(isGuid(value) ? [value] : []))
  const chosen = names.data?.get(value)
  const text = typed ?? chosen?.name ?? value
  const search = useSettled(typed ?? '', 200)
  const found = useQuery({ ...principalsQuery(search), placeholderData: keepPreviousData })

  function write(next: string) {
    setTyped(next)
    if (isGuid(next) || allowsNames || next === '') onChange(next.trim())
  }

  function choose(id: string) {
    const one = found.data?.find((candidate) => candidate.id === id)
    if (!one) return
    setTyped(one.name)
    onChange(id)
  }

  return (
    <ComboBox
      label={label}
      description={found.error ? t.whoById : (description ?? t.whoHelp)}
      items={(found.data ?? []).map((one) => ({
        id: one.id,
        label: one.name,
        description: [t.kinds[one.kind], one.signInName].filter(Boolean).join(', '),
      }))}
      value={found.data?.some((one) => one.id === value) ? value : null}
      onChange={choose}
      inputValue={text}
      onSearch={(next) => next !== text && write(next)}
      name="principalId"
      isRequired={isRequired ?? false}
    />
  )
}
