import { ApiError, request } from '@/api/client'
import { toast } from '@/ui/toast'
import { currentEditor } from '../editor/handle'
import { changeBetween } from '../editor/spans'
import { runActiveTab } from './run'

export interface Edit {
  readonly op: 'filterTo' | 'filterOut' | 'contains' | 'has' | 'before' | 'after' | 'extend' | 'countBy'
  readonly column: string
  /** KQL's name of the value's type. */
  readonly type: string
  readonly path?: readonly (string | number)[] | undefined
  /** The value in canonical text; null where there is none. */
  readonly value?: string | null | undefined
  /** Run the changed query at once. */
  readonly isImmediate?: boolean | undefined
}

/** Changes the query as an action on a value asks for: our parser finds the place, the editor shows it. */
export async function editQuery({ isImmediate, ...edit }: Edit): Promise<void> {
  const editor = currentEditor()
  if (!editor) return
  const before = editor.getText()
  const position = editor.getSelection().start
  try {
    const made = await request<{ query: string; start: number; end: number }>(
      'POST',
      '/portal/api/kql/edit',
      {
        body: { query: before, position, ...edit },
      },
    )
    if (editor.getText() !== before) return
    const { span, text } = changeBetween(before, made.query)
    editor.replace(span, text, { flash: { start: made.start, end: made.end } })
    if (isImmediate) await runActiveTab()
  } catch (failure) {
    if (!(failure instanceof ApiError)) throw failure
    toast({ title: failure.message, tone: 'danger' })
  }
}
