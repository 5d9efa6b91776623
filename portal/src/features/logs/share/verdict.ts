import { t } from '@/i18n/en/results'
import type { Reader } from '../access/api'

interface Verdict {
  readonly tone: 'ok' | 'warning' | 'danger'
  readonly word: string
}

/** What a reader lacks, the worst first; null while that is not known. */
export function verdictOf(reader: Reader | undefined): Verdict | null {
  if (!reader) return null
  const closed = reader.workspaces.filter((workspace) => !workspace.mayQuery)
  if (closed.length > 0)
    return { tone: 'danger', word: t.readsNothing(closed.map(({ name }) => name).join(', ')) }
  const tables = (reads: string) => [
    ...new Set(
      reader.workspaces.flatMap((place) =>
        place.tables.filter((table) => table.reads === reads).map((table) => table.name),
      ),
    ),
  ]
  const [none, some] = [tables('none'), tables('some')]
  if (none.length > 0) return { tone: 'danger', word: t.readsNot(none.join(', ')) }
  if (some.length > 0) return { tone: 'warning', word: t.readsSome(some.join(', ')) }
  return { tone: 'ok', word: t.readsAll }
}
