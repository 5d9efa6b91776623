import { t } from '@/i18n/en/dash'
import type { Item } from './document'

/** What an item is called: its title, else the first line of its text. */
export function titleOf(item: Item): string {
  if (item.title) return item.title
  if (item.kind === 'markdown') return item.text.split('\n')[0]?.replace(/^[#\s]+/, '') || t.text
  return item.kind === 'foreign' ? item.source : t.untitled
}
