import { useState, type RefObject } from 'react'
import { startOperation } from '@/app/notices'
import { t } from '@/i18n/en/dash'
import { useTimeZone } from '@/lib/preferences'
import { formatTime, formatTimespan } from '@/lib/time'
import { saveFile } from '@/ui'
import type { Dashboard } from './document'
import { paintPicture } from './paint'
import { ALL, type Values } from './parameters'

/** What is still asked, drawn or arranged. */
const UNDRAWN = '[data-state="waiting"], [data-drawn="false"], [aria-busy="true"]'

export interface WholePicture {
  /** Whether one is being made: then what is not on the screen is asked too. */
  readonly isMaking: boolean
  readonly make: () => void
}

/** Makes a picture of all items of a dashboard, and hands it to the person; the bell shows how far it is. */
export function useWholePicture(
  page: RefObject<HTMLElement | null>,
  dashboard: Dashboard,
  values: Values,
): WholePicture {
  const timeZone = useTimeZone()
  const [isMaking, setMaking] = useState(false)
  const run = async (_: unknown, signal: AbortSignal) => {
    setMaking(true)
    try {
      await frames(2)
      const grid = page.current?.querySelector<HTMLElement>('[data-grid]')
      if (!grid) throw new Error(t.pictureEmpty)
      while (grid.querySelector(UNDRAWN)) {
        signal.throwIfAborted()
        if (!grid.isConnected) throw new Error(t.pictureLeft)
        // oxlint-disable-next-line no-await-in-loop -- looked at again in the next frame
        await frames(1)
      }
      await frames(2)
      const at = formatTime(new Date(), timeZone)
      const heading = [dashboard.title, [...wordsOf(dashboard, values, timeZone), at].join('   ')]
      saveFile(`${dashboard.title}.png`, await paintPicture(grid, heading))
    } finally {
      setMaking(false)
    }
  }
  // What went wrong stands in the bell.
  const make = () =>
    void startOperation(t.makingPicture(dashboard.title), { run, canCancel: true }).catch(() => undefined)
  return { isMaking, make }
}

/** What is chosen: a picture without it says nothing. */
function wordsOf(dashboard: Dashboard, values: Values, timeZone: string): string[] {
  return dashboard.parameters.map(({ name, label, type }) => {
    const chosen = values[name] ?? []
    const [first = ''] = chosen
    const isAll = chosen.length === 1 && first === ALL
    const words = isAll ? t.all : chosen.length === 0 ? t.none : chosen.join(', ')
    return `${label ?? name}: ${type === 'timeRange' ? formatTimespan(first, timeZone) : words}`
  })
}

async function frames(count: number): Promise<void> {
  for (let frame = 0; frame < count; frame += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await new Promise(requestAnimationFrame)
  }
}
