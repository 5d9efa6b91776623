import { CircleAlert, TriangleAlert } from 'lucide-react'
import { t } from '@/i18n/en/logs'
import { Button } from '@/ui/Button'
import type { Finding, Fix } from './check'
import { currentEditor } from './handle'
import styles from './problems.module.css'
import { placeOf } from './spans'

const MOST_SHOWN = 3

/** What is wrong with the text, in words under it, with a way there and a way out. */
export function Problems({
  text,
  findings,
}: {
  readonly text: string
  readonly findings: readonly Finding[]
}) {
  if (findings.length === 0) return null
  return (
    <ul className={styles['problems']} aria-label={t.editor.problems}>
      {findings.slice(0, MOST_SHOWN).map((finding) => (
        <Problem key={`${finding.start}${finding.code}${finding.message}`} text={text} finding={finding} />
      ))}
      {findings.length > MOST_SHOWN && (
        <li className={styles['more']}>{t.editor.more(findings.length - MOST_SHOWN)}</li>
      )}
    </ul>
  )
}

export function Problem({ text, finding }: { readonly text: string; readonly finding: Finding }) {
  const { line, column } = placeOf(text, finding.start)
  const { fix } = finding
  const Icon = finding.severity === 'error' ? CircleAlert : TriangleAlert
  return (
    <li className={styles[finding.severity]}>
      <Icon aria-hidden />
      <span className={styles['words']}>
        <strong>{finding.code}</strong> {finding.message}
        {finding.advice && <> {finding.advice}</>}
      </span>
      <Button
        size="small"
        variant="quiet"
        onPress={() => currentEditor()?.select({ start: finding.start, end: finding.end })}
      >
        {t.editor.problemAt(line, column)}
      </Button>
      {fix && (
        <Button size="small" onPress={() => applyFix(fix)}>
          {t.editor.fix(fix.title)}
        </Button>
      )}
    </li>
  )
}

function applyFix({ start, end, text }: Fix): void {
  const editor = currentEditor()
  editor?.replace({ start, end }, text, { flash: { start, end: start + text.length } })
  editor?.focus()
}
