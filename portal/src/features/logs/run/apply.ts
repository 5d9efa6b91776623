import { t } from '@/i18n/en/results'
import { toast } from '@/ui/toast'
import { currentEditor } from '../editor/handle'
import type { Span } from '../editor/spans'
import { placeInText } from './place'
import { runActiveTab } from './run'
import type { RunState } from './state'

/** Makes a change that is about a run's text where that text stands in the editor now, as one step that can be undone. */
export function applyEdit(
  run: Pick<RunState, 'query' | 'parts'>,
  change: Span & { readonly text: string },
  isRun = false,
): void {
  const editor = currentEditor()
  if (!editor) return
  const place = placeInText(run, change, editor.getText())
  if (!place) {
    toast({ title: t.textChanged, tone: 'danger' })
    return
  }
  const end = place.start + change.text.length
  editor.replace(place, change.text, { flash: { start: place.start, end } })
  // The cursor says which statement is run.
  editor.select({ start: place.start, end: place.start })
  if (isRun) void runActiveTab()
}
