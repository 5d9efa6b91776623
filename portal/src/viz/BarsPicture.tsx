import { useId, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react'
import { t } from '@/i18n/en/viz'
import type { Bars } from './bins'
import { formatMoment, formatNumber } from './format'
import styles from './histogram.module.css'

/** Bars from the first to the last, by number. */
export interface Picked {
  readonly first: number
  readonly last: number
}

interface Props {
  readonly bars: Bars
  readonly timeZone: string
  readonly picked: Picked | null
  readonly onPick: (picked: Picked | null) => void
  readonly onApply: (picked: Picked) => void
  readonly onBack?: (() => void) | undefined
}

const HEIGHT = 48

/** The bars: a drag picks and applies, arrows pick, Shift extends, Enter applies, double click or Alt with left goes back. */
export function BarsPicture({ bars, timeZone, picked, onPick, onApply, onBack }: Props) {
  const hint = useId()
  const start = useRef<number | null>(null)
  const [cursor, setCursor] = useState(0)
  const count = bars.bars.length
  const numberAt = (event: PointerEvent<Element>) => {
    const box = event.currentTarget.getBoundingClientRect()
    return clamp(Math.floor(((event.clientX - box.left) / box.width) * count), count)
  }

  function press(event: KeyboardEvent) {
    if (event.key === 'ArrowLeft' && event.altKey) onBack?.()
    else if (event.key === 'Enter' && picked) onApply(picked)
    else if (event.key === 'Escape' && picked) onPick(null)
    else if (!move(event)) return
    event.preventDefault()
    event.stopPropagation()
  }

  function move(event: KeyboardEvent): boolean {
    const steps: Record<string, number> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      Home: -count,
      End: count,
      PageUp: -10,
      PageDown: 10,
    }
    const step = steps[event.key]
    if (step === undefined) return false
    const next = picked ? clamp(cursor + step, count) : step > 0 ? 0 : count - 1
    const anchor = event.shiftKey && picked ? (cursor === picked.last ? picked.first : picked.last) : next
    setCursor(next)
    onPick(between(anchor, next))
    return true
  }

  return (
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role, jsx-a11y/no-noninteractive-element-interactions -- two ends and a picture: no HTML element is that
    <div
      role="application"
      aria-roledescription={t.histogram.bars}
      aria-label={picked ? pickedText(bars, picked, timeZone) : t.histogram.bars}
      aria-describedby={hint}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the arrows act on it
      tabIndex={0}
      className={styles['bars']}
      onKeyDown={press}
      onDoubleClick={onBack}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        start.current = numberAt(event)
      }}
      onPointerMove={(event) => {
        if (start.current === null || event.buttons !== 1) return
        const now = numberAt(event)
        setCursor(now)
        if (now !== start.current || picked) onPick(between(start.current, now))
      }}
      onPointerUp={() => {
        start.current = null
        if (picked && picked.last > picked.first) onApply(picked)
      }}
    >
      <BarShapes bars={bars} timeZone={timeZone} picked={picked} />
      <span id={hint} className={styles['hidden']}>
        {t.histogram.hint}
      </span>
      <output className={styles['hidden']}>{picked ? pickedText(bars, picked, timeZone) : ''}</output>
    </div>
  )
}

interface ShapesProps {
  readonly bars: Bars
  readonly timeZone: string
  readonly picked: Picked | null
}

function BarShapes({ bars, timeZone, picked }: ShapesProps) {
  const width = 1000 / (bars.bars.length || 1)
  const scale = HEIGHT / (bars.highest || 1)
  return (
    <svg viewBox={`0 0 1000 ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {picked && (
        <rect
          className={styles['picked']}
          x={picked.first * width}
          width={(picked.last - picked.first + 1) * width}
          height={HEIGHT}
        />
      )}
      {bars.bars.map((bar, index) => {
        let top = HEIGHT
        return (
          <g key={bar.from}>
            <rect className={styles['ground']} x={index * width} width={width} height={HEIGHT}>
              <title>
                {t.histogram.bar(
                  formatMoment(bar.from, timeZone),
                  formatMoment(bar.to, timeZone),
                  formatNumber(bar.total),
                )}
              </title>
            </rect>
            {bar.parts.map((size, part) => {
              // A bar that has rows is seen, however few.
              const height = size === 0 ? 0 : Math.max(1, size * scale)
              top -= height
              return (
                <rect
                  key={bars.values[part]}
                  className={styles['part']}
                  data-part={part % 8}
                  x={index * width + width * 0.08}
                  y={top}
                  width={width * 0.84}
                  height={height}
                />
              )
            })}
          </g>
        )
      })}
    </svg>
  )
}

function pickedText(bars: Bars, picked: Picked, timeZone: string): string {
  const chosen = bars.bars.slice(picked.first, picked.last + 1)
  const total = chosen.reduce((sum, bar) => sum + bar.total, 0)
  return t.histogram.picked(
    formatMoment(chosen[0]?.from ?? 0, timeZone),
    formatMoment(chosen.at(-1)?.to ?? 0, timeZone),
    formatNumber(total),
  )
}

function between(a: number, b: number): Picked {
  return { first: Math.min(a, b), last: Math.max(a, b) }
}

function clamp(number: number, count: number): number {
  return Math.max(0, Math.min(count - 1, number))
}
