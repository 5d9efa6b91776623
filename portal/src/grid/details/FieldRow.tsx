import { EllipsisVertical } from 'lucide-react'
import { useState } from 'react'
import { t } from '@/i18n/en/grid'
import { formatCount } from '@/lib/format'
import { Button, IconButton, Menu, type MenuAction } from '@/ui'
import type { RecordCell, Result, ResultColumn } from '@/workers/result'
import { copyText } from '../clipboard'
import { editOf, operationsFor, type OnEdit } from '../edits'
import { editItems } from '../menus'
import css from './details.module.css'
import { DynamicTree } from './DynamicTree'

export interface FieldRowProps {
  readonly result: Result
  readonly row: number
  readonly column: ResultColumn
  readonly cell: RecordCell
  readonly onEdit: OnEdit | undefined
  readonly isOpen: boolean
}

/** One field of a row: its name, its value, and what can be done with it. */
export function FieldRow(props: FieldRowProps) {
  const { column, cell } = props
  const isTree = column.type === 'dynamic' && /^\s*[[{]/.test(cell.text ?? '')
  return (
    <tr>
      <th scope="row" className={css['name']} title={column.type}>
        {column.name}
      </th>
      <td className={css['value']}>
        {isTree ? (
          <DynamicTree
            result={props.result}
            row={props.row}
            column={cell.column}
            name={column.name}
            onEdit={props.onEdit}
            isOpen={props.isOpen}
          />
        ) : (
          <Scalar {...props} />
        )}
      </td>
      <td className={css['commands']}>
        <Menu
          label={t.actionsFor(column.name)}
          placement="bottom end"
          trigger={
            <IconButton
              size="small"
              label={t.actionsFor(column.name)}
              icon={<EllipsisVertical aria-hidden />}
            />
          }
          items={itemsOf(props)}
        />
      </td>
    </tr>
  )
}

function itemsOf({ result, row, column, cell, onEdit }: FieldRowProps): readonly MenuAction[] {
  const edits = onEdit
    ? editItems(operationsFor(column.type, cell.text === null), (op) => {
        void editOf(result, row, cell.column, op, false).then(onEdit)
      })
    : []
  return [
    ...edits,
    { id: 'copy', label: t.copy, onAction: () => void copyText(result.text(row, cell.column)) },
    { id: 'literal', label: t.copyLiteral, onAction: () => void copyText(result.literal(row, cell.column)) },
  ]
}

/** Characters of a long text that one more press shows. */
const STEP = 64_000

function Scalar({ result, row, cell }: FieldRowProps) {
  const [whole, setWhole] = useState<string | null>(null)
  const [most, setMost] = useState(STEP)
  if (cell.text === null) return <span className={css['none']}>{t.nullValue}</span>
  if (cell.text === '') return <span className={css['none']}>{t.emptyValue}</span>
  if (!cell.isCut) return <span className={css['text']}>{cell.text}</span>
  if (whole === null) {
    const show = () => void result.text(row, cell.column).then(setWhole)
    return (
      <>
        <span className={css['text']}>{cell.text}…</span>{' '}
        <Button size="small" onPress={show}>
          {t.showWhole(formatCount(cell.size))}
        </Button>
      </>
    )
  }
  return (
    <>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so keys must reach it */}
      <pre className={css['whole']} tabIndex={0}>
        {whole.slice(0, most)}
      </pre>
      {whole.length > most && (
        <Button size="small" onPress={() => setMost(most + STEP)}>
          {t.showMore}
        </Button>
      )}
      <Button size="small" onPress={() => setWhole(null)}>
        {t.showLess}
      </Button>
    </>
  )
}
