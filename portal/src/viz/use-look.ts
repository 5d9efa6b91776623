import { useEffect, useState, type RefObject } from 'react'
import { readLook, type Look } from './palette'

/** The page's colours as they are at the element, read anew when the theme or the system's wishes change. */
export function useLook(element: RefObject<Element | null>): Look | null {
  const [look, setLook] = useState<Look | null>(null)
  useEffect(() => {
    const read = () => element.current && setLook(readLook(element.current))
    read()
    const observer = new MutationObserver(read)
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
    const wishes = [
      '(prefers-contrast: more)',
      '(forced-colors: active)',
      '(prefers-color-scheme: dark)',
    ].map((query) => matchMedia(query))
    for (const wish of wishes) wish.addEventListener('change', read)
    return () => {
      observer.disconnect()
      for (const wish of wishes) wish.removeEventListener('change', read)
    }
  }, [element])
  return look
}
