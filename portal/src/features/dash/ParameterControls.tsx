/** What one chooses the parameters' values with. */

import { ChevronDown } from 'lucide-react'
import { useEffect, useEffectEvent } from 'react'
import { t } from '@/i18n/en/dash'
import { Button, Checkbox, Popover, Select, TextField, TimeRangePicker } from '@/ui'
import { readText, type ChartTable } from '@/viz'
import { useDashboard, workspacesOf } from './context'
import css from './dash.module.css'
import type { Parameter } from './document'
import { ALL, bindQuery, timeRangeOf } from './parameters'
import { useOutcome } from './use-outcome'

interface Props {
  readonly names?: readonly string[]
  /** Those not to be shown: other places have them. */
  readonly except?: readonly string[]
}

export function ParameterControls({ names, except }: Props) {
  const { dashboard } = useDashboard()
  const shown = dashboard.parameters.filter(({ name }) =>
    names ? names.includes(name) : !except?.includes(name),
  )
  if (shown.length === 0) return null
  return (
    <div className={css['parameters']} role="group" aria-label={t.parameters}>
      {shown.map((parameter) => (
        <Control key={parameter.name} parameter={parameter} />
      ))}
    </div>
  )
}

function Control({ parameter }: { readonly parameter: Parameter }) {
  const { values, setValues } = useDashboard()
  const chosen = values[parameter.name] ?? []
  const set = (next: readonly string[]) => setValues({ [parameter.name]: next })
  switch (parameter.type) {
    case 'timeRange':
      return <TimeRangePicker value={chosen[0] ?? ''} onChange={(range) => set([range])} />
    case 'text':
      return <TextControl key={chosen[0] ?? ''} parameter={parameter} chosen={chosen} onChange={set} />
    case 'query':
      return <QueryControl parameter={parameter} chosen={chosen} onChange={set} />
    case 'list':
      return (
        <ChoiceControl
          parameter={parameter}
          choices={parameter.values ?? []}
          chosen={chosen}
          onChange={set}
        />
      )
  }
}

interface ControlProps {
  readonly parameter: Parameter
  readonly chosen: readonly string[]
  readonly onChange: (values: readonly string[]) => void
}

function TextControl({ parameter, chosen, onChange }: ControlProps) {
  const send = (text: string) => {
    if (text !== (chosen[0] ?? '')) onChange(text === '' ? [] : [text])
  }
  return (
    <TextField
      label={parameter.label ?? parameter.name}
      defaultValue={chosen[0] ?? ''}
      onBlur={(event) => send((event.target as HTMLInputElement).value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') send((event.target as HTMLInputElement).value)
      }}
    />
  )
}

/** Its choices are the first column of a query, which may name other parameters. */
function QueryControl({ parameter, chosen, onChange }: ControlProps) {
  const context = useDashboard()
  const { dashboard, values, known, setKnown, fresh } = context
  const others = dashboard.parameters.filter(({ name }) => name !== parameter.name)
  const bound = bindQuery(parameter.query ?? '', others, values, known)
  const question = {
    query: bound.query,
    workspaces: workspacesOf({}, context),
    timespan: timeRangeOf({}, dashboard, values),
  }
  const { data, error, isPending } = useOutcome(question, bound.problems.length === 0, fresh)
  const tell = useEffectEvent((table: ChartTable) => setKnown(parameter.name, firstColumn(table)))
  useEffect(() => {
    if (data) tell(data.table)
  }, [data])
  const problem = bound.problems[0] ?? (error ? error.message : '')
  return (
    <ChoiceControl
      parameter={parameter}
      choices={data ? firstColumn(data.table) : []}
      chosen={chosen}
      onChange={onChange}
      problem={problem || (data && data.table.rowCount === 0 ? t.noValues : '')}
      isPending={isPending}
    />
  )
}

function firstColumn(table: ChartTable): string[] {
  return [...new Set(table.columns[0]?.values.map(readText) ?? [])].filter((value) => value !== '')
}

interface ChoiceProps extends ControlProps {
  readonly choices: readonly string[]
  readonly problem?: string
  readonly isPending?: boolean
}

function ChoiceControl({
  parameter,
  choices,
  chosen,
  onChange,
  problem = '',
  isPending = false,
}: ChoiceProps) {
  const label = parameter.label ?? parameter.name
  // What the address names is a choice, whatever the query gave.
  const all = [...new Set([...choices, ...chosen.filter((value) => value !== ALL)])]
  if (parameter.multi)
    return (
      <ManyControl
        parameter={parameter}
        choices={all}
        chosen={chosen}
        onChange={onChange}
        problem={problem}
      />
    )
  const items = [
    ...(parameter.allowAll ? [{ id: ALL, label: t.all }] : []),
    ...all.map((value) => ({ id: value, label: value })),
  ]
  return (
    <Select
      label={label}
      className={css['choice']}
      items={items}
      value={chosen[0] ?? null}
      placeholder={isPending ? t.running : t.none}
      onChange={(value) => onChange([value])}
      {...(problem ? { error: problem } : {})}
    />
  )
}

function ManyControl({ parameter, choices, chosen, onChange, problem = '' }: ChoiceProps) {
  const label = parameter.label ?? parameter.name
  const isAll = chosen.length === 1 && chosen[0] === ALL
  const words = isAll
    ? t.all
    : chosen.length === 0
      ? t.none
      : chosen.length < 3
        ? chosen.join(', ')
        : t.chosen(chosen.length)
  const toggle = (value: string, isOn: boolean) => {
    const kept = isAll ? [] : chosen.filter((each) => each !== value)
    const next = isOn ? [...kept, value] : kept
    onChange(next.length === 0 && parameter.allowAll ? [ALL] : next)
  }
  return (
    <Popover
      label={label}
      trigger={
        <Button aria-label={`${label}: ${words}`}>
          <span className={css['many']}>
            <b>{label}</b> {words} <ChevronDown aria-hidden size={14} />
          </span>
        </Button>
      }
    >
      <div className={css['choices']}>
        {problem && <p role="alert">{problem}</p>}
        {parameter.allowAll && (
          <Checkbox isSelected={isAll} onChange={() => onChange([ALL])}>
            {t.all}
          </Checkbox>
        )}
        {choices.map((value) => (
          <Checkbox
            key={value}
            isSelected={!isAll && chosen.includes(value)}
            onChange={(isOn) => toggle(value, isOn)}
          >
            {value}
          </Checkbox>
        ))}
      </div>
    </Popover>
  )
}
