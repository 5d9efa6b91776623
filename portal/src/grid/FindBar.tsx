import { ChevronDown, ChevronUp, X } from 'lucide-react'
import { useEffect, useEffectEvent, useState } from 'react'
import { t } from '@/i18n/en/grid'
import { formatCount } from '@/lib/format'
import { IconButton, SearchField } from '@/ui'
import type { Found, Result } from '@/workers/result'
import css from './panes.module.css'
import type { GridView } from './useView'
import shared from './values.module.css'

export interface FindBarProps {
  readonly result: Result
  readonly view: GridView
  /** The columns in which one can see anything. */
  readonly columns: readonly number[]
  readonly timeZone: string
  readonly onSearch: (text: string) => void
  /** Goes to a place: a line, and a column of the result. */
  readonly onPlace: (line: number, column: number) => void
  readonly onClose: () => void
}

/** Finds a text in the rows that are loaded and shown: the browser's own search sees only those on the screen. */
export function FindBar({ result, view, columns, timeZone, onSearch, onPlace, onClose }: FindBarProps) {
  const [text, setText] = useState('')
  const [answer, setAnswer] = useState<(Found & { readonly text: string }) | null>(null)
  const [at, setAt] = useState(0)
  const { number, arranged } = view
  const place = useEffectEvent((found: Found, index: number) => {
    setAt(index)
    if (index * 2 < found.places.length) onPlace(found.places[index * 2]!, found.places[index * 2 + 1]!)
  })
  useEffect(() => {
    let isGone = false
    void result
      .ask('find', number, text, columns, timeZone)
      .then((found) => {
        if (isGone) return
        setAnswer({ ...found, text })
        place(found, 0)
      })
      .catch(() => undefined)
    return () => {
      isGone = true
    }
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- rows in another order stand elsewhere
  }, [result, number, arranged, columns, text, timeZone])

  const found = text !== '' && answer?.text === text ? answer : null
  const told = found ? found.places.length / 2 : 0
  const go = (by: 1 | -1) => {
    if (!found || told === 0) return
    const next = (at + by + told) % told
    setAt(next)
    onPlace(found.places[next * 2]!, found.places[next * 2 + 1]!)
  }
  return (
    <search className={css['find']}>
      <SearchField
        label={t.find}
        value={text}
        autoFocus
        onChange={(next) => {
          setText(next)
          onSearch(next.toLowerCase())
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') go(event.shiftKey ? -1 : 1)
          else if (event.key === 'Escape') onClose()
          else event.continuePropagation()
        }}
      />
      <output className={shared['note']}>
        {found &&
          (found.total === 0 ? t.findNone : t.findCount(formatCount(at + 1), formatCount(found.total)))}
      </output>
      <IconButton
        size="small"
        label={t.findPrevious}
        icon={<ChevronUp aria-hidden />}
        onPress={() => go(-1)}
      />
      <IconButton size="small" label={t.findNext} icon={<ChevronDown aria-hidden />} onPress={() => go(1)} />
      <IconButton size="small" label={t.close} icon={<X aria-hidden />} onPress={onClose} />
    </search>
  )
}
