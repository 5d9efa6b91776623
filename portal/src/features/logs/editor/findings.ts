import type { Finding } from './check'
import { rangeOf } from './models'
import { LANGUAGE, monaco } from './monaco'

type Model = monaco.editor.ITextModel

const OWNER = 'kelp'

/** What our parser said last of each text, for the fixes that the editor offers. */
const said = new WeakMap<Model, readonly Finding[]>()
/** Versions of a text that our parser has spoken of: about these the language service is not heard any more. */
const settled = new WeakMap<Model, number>()

/** Underlines what our parser found, and silences the language service about that text. */
export function showFindings(model: Model, findings: readonly Finding[]): void {
  said.set(model, findings)
  settled.set(model, model.getVersionId())
  // The service's marks go, and with them go all errors' underlines (see `demoteService`), which puts ours back.
  monaco.editor.setModelMarkers(model, LANGUAGE, [])
}

function markerOf(model: Model, finding: Finding): monaco.editor.IMarkerData {
  return {
    ...markerRange(model, finding),
    severity: finding.severity === 'error' ? monaco.MarkerSeverity.Error : monaco.MarkerSeverity.Warning,
    code: finding.code,
    message: finding.advice ? `${finding.message}\n${finding.advice}` : finding.message,
  }
}

/**
 * What the language service finds is a hint until our parser, which has the last word, has looked at the same text: it
 * knows functions that Kelp lacks, and lacks some that Kelp knows. Before it sets its marks it takes away the underlines
 * of all errors, whoever set them: ours are drawn anew.
 */
export function demoteService(): void {
  const set = monaco.editor.setModelMarkers
  monaco.editor.setModelMarkers = (model, owner, markers) => {
    if (owner !== LANGUAGE) return set(model, owner, markers)
    const isSettled = settled.get(model) === model.getVersionId()
    const hints = markers.map((marker) => Object.assign(marker, { severity: monaco.MarkerSeverity.Info }))
    set(model, LANGUAGE, isSettled ? [] : hints)
    const ours = said.get(model)
    // Where the text has changed since, the marks have moved with it: what was said is renewed in a moment.
    if (ours && isSettled)
      set(
        model,
        OWNER,
        ours.map((finding) => markerOf(model, finding)),
      )
  }
}

/** Offers the fixes of our findings, as the light bulb and by Ctrl+. */
export function offerFixes(): void {
  monaco.languages.registerCodeActionProvider(LANGUAGE, {
    provideCodeActions(model, range) {
      const actions = (said.get(model) ?? []).flatMap((finding): monaco.languages.CodeAction[] => {
        const { fix } = finding
        if (!fix || !monaco.Range.areIntersectingOrTouching(markerRange(model, finding), range)) return []
        const textEdit = { range: rangeOf(model, fix), text: fix.text }
        const edit = { edits: [{ resource: model.uri, textEdit, versionId: model.getVersionId() }] }
        return [{ title: fix.title, kind: 'quickfix', isPreferred: true, edit }]
      })
      return { actions, dispose: () => undefined }
    },
  })
}

/** A finding at the text's end is drawn under the character before it: nothing can't be underlined. */
function markerRange(model: Model, { start, end }: Finding): monaco.Range {
  const range = rangeOf(model, { start, end })
  if (!range.isEmpty()) return range
  return start === 0 ? rangeOf(model, { start, end: start + 1 }) : rangeOf(model, { start: start - 1, end })
}
