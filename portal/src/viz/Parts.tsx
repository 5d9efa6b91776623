/** Charts that are no pictures: numbers to read from afar, pivots, events along time. */

import { useState } from 'react'
import { t } from '@/i18n/en/viz'
import styles from './parts.module.css'
import type {
  CardDescription,
  GraphDescription,
  PivotDescription,
  PivotGroup,
  TimePivotDescription,
} from './describe-other'
import { formatMoment, formatValue, type Unit } from './format'
import type { Threshold } from './render-to-option'
import { cardText } from './summary'
import { readNumber } from './table'
import { ScrollRegion } from './ScrollRegion'

interface CardsProps {
  readonly chart: CardDescription
  readonly unit: Unit
  readonly thresholds: readonly Threshold[]
}

export function Cards({ chart, unit, thresholds }: CardsProps) {
  return (
    <ScrollRegion className={styles['numbers']} label={chart.cards.map(({ name }) => name).join(', ')}>
      <dl className={styles['cards']}>
        {chart.cards.map((card) => (
          <div key={card.name} data-level={levelOf(readNumber(card.value, card.type), thresholds)}>
            <dt>{card.name}</dt>
            <dd>{cardText(card.value, card.type, unit)}</dd>
            {card.trend.length > 1 && <Trend values={card.trend} />}
          </div>
        ))}
      </dl>
    </ScrollRegion>
  )
}

/** The level of the highest threshold that the value has reached. */
export function levelOf(value: number | null, thresholds: readonly Threshold[]): string | undefined {
  if (value === null) return undefined
  return thresholds.filter((each) => value >= each.value).toSorted((a, b) => b.value - a.value)[0]?.level
}

function Trend({ values }: { readonly values: readonly number[] }) {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const points = values.map((value, index) => {
    const y = high === low ? 12 : 22 - (20 * (value - low)) / (high - low)
    return `${((100 * index) / (values.length - 1)).toFixed(1)},${y.toFixed(1)}`
  })
  return (
    <svg viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">
      <polyline points={points.join(' ')} />
    </svg>
  )
}

interface PivotProps {
  readonly chart: PivotDescription
  readonly unit: Unit
}

/** Sums in a grid, darker where they are larger, with totals at the ends. */
export function PivotGrid({ chart, unit }: PivotProps) {
  const most = chart.cells.flat().reduce<number>((high, value) => Math.max(high, Math.abs(value ?? 0)), 0)
  return (
    <ScrollRegion className={styles['twin']} label={`${chart.yName}: ${chart.rowName}`}>
      <table>
        <thead>
          <tr>
            <th scope="col">{chart.columnName ? `${chart.rowName} / ${chart.columnName}` : chart.rowName}</th>
            {chart.columns.map((name) => (
              <th key={name} scope="col" className={styles['number']}>
                {name}
              </th>
            ))}
            <th scope="col" className={styles['number']}>
              {t.total}
            </th>
          </tr>
        </thead>
        <tbody>
          {chart.rows.map((name, row) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {chart.columns.map((place, column) => {
                const value = chart.cells[row]?.[column] ?? null
                const share = most === 0 ? 0 : Math.abs(value ?? 0) / most
                return (
                  <td
                    key={place}
                    className={styles['heat']}
                    style={{ '--share': `${Math.round(share * 45)}%` } as React.CSSProperties}
                  >
                    {value === null ? '' : formatValue(value, unit)}
                  </td>
                )
              })}
              <td className={styles['number']}>{formatValue(sum(chart.cells[row] ?? []), unit)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  )
}

function sum(values: readonly (number | null)[]): number {
  return values.reduce<number>((total, value) => total + (value ?? 0), 0)
}

interface TimePivotProps {
  readonly chart: TimePivotDescription
  readonly timeZone: string
}

/** Rows that open into rows; each has its events along time. */
export function TimePivot({ chart, timeZone }: TimePivotProps) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const isShown = (group: PivotGroup) => {
    const parts = group.path.split('\n').slice(1)
    return parts.slice(0, -1).every((_, index) => open.has(`\n${parts.slice(0, index + 1).join('\n')}`))
  }
  const toggle = (path: string) => {
    const next = new Set(open)
    if (!next.delete(path)) next.add(path)
    setOpen(next)
  }
  return (
    <div className={styles['pivot']}>
      {chart.groups.filter(isShown).map((group) => {
        const isLeaf = group.depth === chart.names.length - 1
        return (
          <div key={group.path} className={styles['lane']}>
            <button
              type="button"
              style={{ paddingInlineStart: 8 + 16 * group.depth }}
              disabled={isLeaf}
              {...(isLeaf ? {} : { 'aria-expanded': open.has(group.path) })}
              onClick={() => toggle(group.path)}
            >
              <span aria-hidden="true">{isLeaf ? '' : open.has(group.path) ? '▾' : '▸'}</span> {group.name}
              <small>{t.events(group.spans.length)}</small>
            </button>
            <LaneEvents group={group} from={chart.from} to={chart.to} />
          </div>
        )
      })}
      <p className={styles['ends']}>
        <span>{formatMoment(chart.from, timeZone)}</span>
        <span>{formatMoment(chart.to, timeZone)}</span>
      </p>
    </div>
  )
}

function LaneEvents({
  group,
  from,
  to,
}: {
  readonly group: PivotGroup
  readonly from: number
  readonly to: number
}) {
  const length = to - from || 1
  return (
    <svg viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true">
      {group.spans.slice(0, 2000).map((span) => (
        <rect
          key={span.row}
          x={(990 * (span.from - from)) / length}
          y="4"
          width={Math.max(3, (990 * (span.to - span.from)) / length)}
          height="12"
        />
      ))}
    </svg>
  )
}

/** The graph's nodes by name, those with most links first. */
export function NodeList({ chart }: { readonly chart: GraphDescription }) {
  return (
    <ScrollRegion className={styles['nodes']} label={t.nodes}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t.node}</th>
            <th scope="col" className={styles['number']}>
              {t.degree}
            </th>
          </tr>
        </thead>
        <tbody>
          {chart.nodes
            .toSorted((a, b) => b.degree - a.degree)
            .slice(0, 200)
            .map((node) => (
              <tr key={node.name}>
                <td>{node.name}</td>
                <td className={styles['number']}>{node.degree}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </ScrollRegion>
  )
}
