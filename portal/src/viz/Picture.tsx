/** The canvas of a chart: ECharts behind one import, its size, its pointer and its tooltip. */

import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { t } from '@/i18n/en/viz'
import { Brush } from './Brush'
import styles from './chart.module.css'
import type { ChartDescription } from './describe'
import type { EChartsType } from './echarts'
import type { OptionChoice } from './render-to-option'
import { optionOf } from './render-to-option'
import { Tooltip } from './Tooltip'
import { tooltipAt, tooltipOf, type TooltipText } from './tooltip'

export interface Shown {
  readonly text: TooltipText
  readonly x: number
  readonly y: number
}

interface Props {
  readonly chart: ChartDescription
  readonly choice: OptionChoice
  readonly summary: string
  readonly group?: string | undefined
  /** Whether a drag selects a range on x, and what to do with it. */
  readonly onBrush?: ((from: number, to: number) => void) | undefined
  /** Told the row of the mark that was clicked. */
  readonly onPick?: ((row: number) => void) | undefined
}

export function Picture({ chart, choice, summary, group, onBrush, onPick }: Props) {
  const element = useRef<HTMLDivElement>(null)
  const [picture, setPicture] = useState<EChartsType | null>(null)
  const [failure, setFailure] = useState('')
  const [shown, setShown] = useState<Shown | null>(null)
  const pointer = useRef({ x: 0, y: 0 })

  const pointAt = useEffectEvent((at: number, isHere: boolean) => {
    const text = chart.draw === 'axes' && isHere ? tooltipAt(chart, at, choice) : null
    setShown(text && { text, ...pointer.current })
  })
  const pointOn = useEffectEvent((index: number, name: string) => {
    const text = tooltipOf(chart, index, name, choice)
    if (text) setShown({ text, ...pointer.current })
  })
  const pick = useEffectEvent((name: string, index: number) => {
    const row = rowOf(chart, name, index)
    if (row !== null) onPick?.(row)
  })

  useEffect(() => {
    let made: EChartsType | null = null
    let isGone = false
    const open = async () => {
      const { openPicture } = await import('./echarts')
      if (isGone || !element.current) return
      made = openPicture(element.current, group)
      listen(made, pointAt, pointOn, pick, () => setShown(null))
      setPicture(made)
    }
    open().catch((problem: unknown) => setFailure(problem instanceof Error ? problem.message : t.failed))
    const observer = new ResizeObserver(() => made?.resize())
    if (element.current) observer.observe(element.current)
    return () => {
      isGone = true
      observer.disconnect()
      made?.dispose()
      setPicture(null)
    }
  }, [group])

  useEffect(() => {
    const option = optionOf(chart, choice)
    if (picture && option && !picture.isDisposed()) picture.setOption(option, { notMerge: true })
    element.current?.setAttribute('data-drawn', String(picture !== null))
  }, [picture, chart, choice])

  const canBrush = onBrush && chart.draw === 'axes' && chart.axis === 'time' && !chart.isLying
  return (
    <div
      className={styles['picture']}
      onPointerMove={(event) => {
        const box = event.currentTarget.getBoundingClientRect()
        pointer.current = { x: event.clientX - box.left, y: event.clientY - box.top }
      }}
      onPointerLeave={() => setShown(null)}
    >
      {/* oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a canvas is drawn in it */}
      <div ref={element} role="img" aria-label={summary} className={styles['canvas']} />
      {failure && <p role="alert">{`${t.failed} ${failure}`}</p>}
      {canBrush && picture && <Brush picture={picture} element={element} onBrush={onBrush} />}
      {shown && <Tooltip shown={shown} />}
    </div>
  )
}

function listen(
  picture: EChartsType,
  pointAt: (at: number, isHere: boolean) => void,
  pointOn: (index: number, name: string) => void,
  pick: (name: string, index: number) => void,
  leave: () => void,
): void {
  let isInside = false
  picture.getZr().on('mousemove', () => (isInside = true))
  picture.getZr().on('globalout', () => {
    isInside = false
    leave()
  })
  picture.on('updateAxisPointer', (event) => {
    const [axis] = (event as { axesInfo?: { value: number }[] }).axesInfo ?? []
    if (axis) pointAt(axis.value, isInside)
    else leave()
  })
  picture.on('mouseover', (event) => pointOn(event.dataIndex, event.name))
  picture.on('click', (event) => pick(event.seriesName ?? '', event.dataIndex))
}

function rowOf(chart: ChartDescription, name: string, index: number): number | null {
  if (chart.draw === 'ladder') return chart.spans[index]?.row ?? null
  if (chart.draw !== 'axes') return null
  const row = chart.series.find((series) => series.name === name)?.points[index]?.row ?? -1
  return row < 0 ? null : row
}
