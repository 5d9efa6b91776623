import { useRouter } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { usePreferences } from '@/lib/preferences'
import { parseShortDuration } from '@/lib/time'
import { useUrlState } from '@/lib/url-state'
import { useDialogs } from './dialogs'
import { useNavigation } from './useNavigation'

/** Milliseconds in which the next key of a sequence must come. */
const PATIENCE = 2000

/** The parameter of the address that holds a page's time range. */
export const RANGE_PARAMETER = 'range'

/** Keys that work on every page. Letters act only outside text fields, and not at all where they are switched off. */
export function useKeys(): void {
  const router = useRouter()
  const show = useDialogs((dialogs) => dialogs.show)
  const hasLetters = usePreferences((preferences) => preferences.keys)
  const links = useNavigation().flatMap((group) => group.links)
  const [, setRange] = useUrlState(RANGE_PARAMETER)
  const sequence = useRef({ text: '', at: 0 })

  useEffect(() => {
    function onLetter(event: KeyboardEvent): boolean {
      const isFresh = event.timeStamp - sequence.current.at < PATIENCE
      const text = isFresh ? sequence.current.text : ''
      sequence.current = { text: '', at: event.timeStamp }
      if (text === 'g') return go(event.key)
      if (text.startsWith('t')) return writeRange(text, event.key)
      if (event.key === '?') show('keys')
      else if (event.key === 'g' || event.key === 't') sequence.current.text = event.key
      else return false
      return true
    }

    function go(key: string): boolean {
      const link = links.find((candidate) => candidate.key === key)
      if (key === 'w') show('scope')
      else if (link) void router.navigate({ href: link.href })
      else return false
      return true
    }

    function writeRange(text: string, key: string): boolean {
      const written = text + key
      const range = parseShortDuration(written.slice(1))
      if (range) setRange(range)
      else if (/^t\d{1,4}$/.test(written)) sequence.current.text = written
      else return false
      return true
    }

    function onKey(event: KeyboardEvent) {
      if (event.defaultPrevented || event.altKey) return
      const isControl = event.ctrlKey || event.metaKey
      if (isControl && event.key.toLowerCase() === 'k') show('palette')
      else if (event.key === 'F6') focusPane(event.shiftKey ? -1 : 1)
      else if (isControl || !hasLetters || isTyping(event.target) || !onLetter(event)) return
      event.preventDefault()
    }

    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [router, show, hasLetters, links, setRange])
}

function isTyping(target: EventTarget | null): boolean {
  const element = target instanceof HTMLElement ? target : null
  if (!element) return false
  // Lists find their rows by letters, and open windows have keys of their own.
  return (
    element.isContentEditable ||
    element.closest('input:not([type=checkbox], [type=radio]), textarea, select') !== null ||
    element.closest('[role=listbox], [role=menu], [role=dialog], [role=alertdialog]') !== null
  )
}

/** Moves the focus to the next part of the page that is marked `data-pane`. */
function focusPane(step: 1 | -1): void {
  const panes = [...document.querySelectorAll<HTMLElement>('[data-pane]')].filter((pane) => pane.offsetParent)
  const current = panes.findLastIndex((pane) => pane.contains(document.activeElement))
  const pane = panes.at((current + step + panes.length) % panes.length)
  if (!pane) return
  if (pane.tabIndex < 0 && !pane.hasAttribute('tabindex')) pane.tabIndex = -1
  pane.focus()
}
