import { useQuery } from '@tanstack/react-query'
import { Plus, X } from 'lucide-react'
import { useState } from 'react'
import { t } from '@/i18n/en/access'
import { Button, ComboBox, IconButton, Select, Switch, TextArea } from '@/ui'
import css from './access.module.css'
import { conditionOf, familyOf, placeOfFault, relationsOf, type FilterRow } from './filter'
import { columnsQuery, EVERYWHERE } from './tables'

const NEW: FilterRow = { column: '', family: 'String', relation: 'Equals', values: [] }

interface Props {
  readonly workspace: string
  /** The table that the role is given at, or that the filter is for; empty for every table that has the columns. */
  readonly table: string
  readonly condition: string
  readonly onChange: (condition: string) => void
  /** What the server says of the condition's text. */
  readonly error: string | undefined
}

/** Only some records: rows of column, operator and values write the condition, whose text may be edited too. */
export function RecordFilter({ workspace, table, condition, onChange, error }: Props) {
  const [isOn, setOn] = useState(condition !== '')
  const [rows, setRows] = useState<readonly FilterRow[]>([NEW])

  function change(next: readonly FilterRow[]) {
    setRows(next)
    onChange(conditionOf(table, next))
  }

  return (
    <section className={css['filter']} aria-label={t.filter}>
      <Switch
        isSelected={isOn}
        onChange={(next) => {
          setOn(next)
          onChange(next ? conditionOf(table, rows) : '')
        }}
      >
        {t.filterOn}
      </Switch>
      {isOn && (
        <>
          {rows.map((row, index) => (
            <Row
              // oxlint-disable-next-line no-array-index-key -- rows have no other name
              key={index}
              workspace={workspace}
              table={table}
              row={row}
              onChange={(next) => change(rows.with(index, next))}
              onRemove={rows.length > 1 ? () => change(rows.toSpliced(index, 1)) : undefined}
            />
          ))}
          <p>
            <Button size="small" icon={<Plus aria-hidden />} onPress={() => change([...rows, NEW])}>
              {t.andRow}
            </Button>
          </p>
          <TextArea
            label={t.condition}
            description={t.conditionHelp}
            name="condition"
            rows={4}
            isCode
            value={condition}
            onChange={onChange}
            error={error}
          />
          {error && <Fault message={error} text={condition} />}
        </>
      )}
    </section>
  )
}

interface RowProps {
  readonly workspace: string
  readonly table: string
  readonly row: FilterRow
  readonly onChange: (row: FilterRow) => void
  readonly onRemove: (() => void) | undefined
}

function Row({ workspace, table, row, onChange, onRemove }: RowProps) {
  const { data } = useQuery(columnsQuery(workspace, table))
  const columns = (data ?? EVERYWHERE).filter((column) => familyOf(column.type))

  function chooseColumn(name: string) {
    const type = columns.find((column) => column.name === name)?.type ?? 'string'
    const family = familyOf(type) ?? 'String'
    const relation = relationsOf(family).includes(row.relation) ? row.relation : 'Equals'
    onChange({ ...row, column: name, family, relation })
  }

  return (
    <div role="group" aria-label={t.filterRow(row.column)} className={css['filterRow']}>
      <ComboBox
        label={t.column}
        isCode
        allowsCustomValue
        items={columns.map(({ name, type }) => ({ id: name, label: name, description: type }))}
        inputValue={row.column}
        onChange={(name) => name !== row.column && chooseColumn(name)}
      />
      <Select
        label={t.operator}
        items={relationsOf(row.family).map((id) => ({ id, label: t.relations[id] ?? id }))}
        value={row.relation}
        onChange={(relation) => onChange({ ...row, relation })}
      />
      <TextArea
        label={t.values}
        description={t.valuesHelp}
        rows={1}
        isCode
        onChange={(text) =>
          onChange({ ...row, values: text.split('\n').filter((line) => line.trim() !== '') })
        }
      />
      {onRemove && <IconButton label={t.removeRow} icon={<X aria-hidden />} onPress={onRemove} />}
    </div>
  )
}

/** The text up to where it is wrong, and the rest marked. */
function Fault({ message, text }: { readonly message: string; readonly text: string }) {
  const place = placeOfFault(message, text)
  if (place === undefined) return null
  return (
    <p className={css['fault']}>
      <code>
        {text.slice(Math.max(0, place - 40), place)}
        <mark>{text.slice(place, place + 20) || t.theEnd}</mark>
      </code>
    </p>
  )
}
