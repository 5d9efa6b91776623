import { CircleMinus, CirclePlus, X } from 'lucide-react'
import { t } from '@/i18n/en/results'
import { formatShare } from '@/lib/format'
import { useTimeZone } from '@/lib/preferences'
import { absoluteTimespan, formatTimespan } from '@/lib/time'
import { Button } from '@/ui/Button'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { IconButton } from '@/ui/IconButton'
import { Loading } from '@/ui/Loading'
import { editQuery } from '../run/edit'
import { useTabs } from '../tabs/store'
import type { Comparison } from './comparison'
import type { ComparedValue, Difference } from './differences'
import { patternsQuery } from './questions'
import { useComparison } from './useComparison'
import styles from './compare.module.css'

interface ComparePaneProps {
  readonly comparison: Comparison
  readonly onClose: () => void
}

/** What tells the picked part of the time from the rest: every column with few values, the most different first. */
export function ComparePane({ comparison, onClose }: ComparePaneProps) {
  const timeZone = useTimeZone()
  const { from, to } = comparison.part
  const differences = useComparison(comparison).data?.differences ?? []
  return (
    <section className={styles['pane']} aria-label={t.comparison}>
      <header className={styles['head']}>
        <h2>{t.comparisonOf(formatTimespan(absoluteTimespan(from, to), timeZone))}</h2>
        <span className={styles['legend']}>
          <span data-part="picked" aria-hidden /> {t.picked} <span data-part="rest" aria-hidden /> {t.rest}
        </span>
        <span className={styles['actions']}>
          <Button
            size="small"
            isDisabled={differences.length === 0}
            onPress={() => keep(comparison, differences)}
          >
            {t.keepAsQuery}
          </Button>
          <IconButton size="small" label={t.backToRows} icon={<X aria-hidden />} onPress={onClose} />
        </span>
      </header>
      <Differences comparison={comparison} />
    </section>
  )
}

function Differences({ comparison }: { readonly comparison: Comparison }) {
  const { data, error, isPending, refetch } = useComparison(comparison)
  if (error) return <ErrorState error={error} retry={() => void refetch()} />
  if (isPending) return <Loading />
  const { differences, leftOut } = data
  if (differences.length === 0) return <EmptyState title={t.nothingToCompare} text={t.nothingToCompareText} />
  return (
    <div className={styles['list']}>
      {differences.map((difference) => (
        <Column key={difference.column.name} difference={difference} />
      ))}
      {leftOut.length > 0 && <p className={styles['note']}>{t.leftOut(leftOut.join(', '))}</p>}
    </div>
  )
}

function Column({ difference }: { readonly difference: Difference }) {
  const { column, distance, values, more } = difference
  return (
    <table className={styles['column']}>
      <caption>
        <strong>{column.name}</strong> {t.differs(formatShare(distance))}
      </caption>
      <thead className={styles['hidden']}>
        <tr>
          <th scope="col">{t.value}</th>
          <th scope="col">{t.picked}</th>
          <th scope="col">{t.rest}</th>
          <th scope="col">{t.actions}</th>
        </tr>
      </thead>
      <tbody>
        {values.map((value) => (
          <Row key={value.value} column={column} value={value} />
        ))}
      </tbody>
      {more > 0 && (
        <tfoot>
          <tr>
            <td colSpan={4}>{t.moreValues(more)}</td>
          </tr>
        </tfoot>
      )}
    </table>
  )
}

function Row({ column, value }: { readonly column: Difference['column']; readonly value: ComparedValue }) {
  const shown = value.value === '' ? '""' : value.value
  const act = (op: 'filterTo' | 'filterOut') => {
    // Only a text can be empty: of other types it stands for null.
    const known = value.value === '' && column.type !== 'string' ? null : value.value
    void editQuery({ op, column: column.name, type: column.type, value: known })
  }
  return (
    <tr>
      <th scope="row" title={shown}>
        {shown}
      </th>
      <Share part="picked" share={value.pickedShare} />
      <Share part="rest" share={value.restShare} />
      <td className={styles['filter']}>
        <IconButton
          size="small"
          label={t.filterTo(shown)}
          icon={<CirclePlus aria-hidden />}
          onPress={() => act('filterTo')}
        />
        <IconButton
          size="small"
          label={t.filterOut(shown)}
          icon={<CircleMinus aria-hidden />}
          onPress={() => act('filterOut')}
        />
      </td>
    </tr>
  )
}

function Share({ part, share }: { readonly part: 'picked' | 'rest'; readonly share: number }) {
  return (
    <td className={styles['share']}>
      <span
        className={styles['bar']}
        data-part={part}
        style={{ inlineSize: `${share * 100}%` }}
        aria-hidden
      />
      <span>{formatShare(share)}</span>
    </td>
  )
}

function keep({ run, part, timespan }: Comparison, differences: readonly Difference[]): void {
  const [, ...also] = run.workspaces
  const columns = differences.map(({ column }) => column)
  useTabs.getState().add({ text: patternsQuery(run.query, part, columns), timespan, also })
}
