import { useEffect, useEffectEvent, useState, type RefObject } from 'react'
import styles from './chart.module.css'
import type { EChartsType } from './echarts'

interface Props {
  readonly picture: EChartsType
  readonly element: RefObject<HTMLElement | null>
  /** Told both ends on the x axis, the smaller first. */
  readonly onBrush: (from: number, to: number) => void
}

/** A shorter drag is a click. */
const MINIMUM_PIXELS = 5

/** A drag over the plot selects a range on its x axis. */
export function Brush({ picture, element, onBrush }: Props) {
  const [area, setArea] = useState<{ left: number; width: number } | null>(null)
  const finish = useEffectEvent((from: number, to: number) => {
    const [low, high] = [Math.min(from, to), Math.max(from, to)]
    const at = (pixel: number) => Number(picture.convertFromPixel({ xAxisIndex: 0 }, pixel))
    if (high - low >= MINIMUM_PIXELS) onBrush(at(low), at(high))
  })
  useEffect(() => {
    const target = element.current
    if (!target) return undefined
    let start: number | null = null
    const placeOf = (event: PointerEvent) => {
      const box = target.getBoundingClientRect()
      return Math.max(0, Math.min(box.width, event.clientX - box.left))
    }
    const down = (event: PointerEvent) => {
      if (event.button === 0) start = placeOf(event)
    }
    const move = (event: PointerEvent) => {
      if (start === null) return
      const now = placeOf(event)
      setArea({ left: Math.min(start, now), width: Math.abs(now - start) })
    }
    const up = (event: PointerEvent) => {
      if (start === null) return
      const from = start
      start = null
      setArea(null)
      finish(from, placeOf(event))
    }
    target.addEventListener('pointerdown', down)
    window.addEventListener('pointermove', move)
    window.addEventListener('pointerup', up)
    return () => {
      target.removeEventListener('pointerdown', down)
      window.removeEventListener('pointermove', move)
      window.removeEventListener('pointerup', up)
    }
  }, [element])
  return area && area.width >= MINIMUM_PIXELS ? (
    <div className={styles['brush']} style={area} aria-hidden="true" />
  ) : null
}
