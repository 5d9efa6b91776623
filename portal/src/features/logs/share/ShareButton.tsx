import { Share2 } from 'lucide-react'
import { useEffect, useState } from 'react'
import { t } from '@/i18n/en/logs'
import { t as words } from '@/i18n/en/results'
import { LONGEST_IN_ADDRESS } from '@/lib/query-link'
import { useTimeZone } from '@/lib/preferences'
import { formatTimespan } from '@/lib/time'
import { Button } from '@/ui/Button'
import { CopyButton } from '@/ui/CopyButton'
import { Dialog } from '@/ui/Dialog'
import { ErrorState } from '@/ui/ErrorState'
import { Switch } from '@/ui/Switch'
import { TextField } from '@/ui/TextField'
import { readRender, renderLine } from '@/viz'
import { useChartEdits } from '../results/chart-edits'
import { withRender } from '../results/render-line'
import { useRun } from '../run/store'
import { workspacesOf } from '../tabs/store'
import type { Tab } from '../tabs/tab'
import { makeLink, sharedRange } from './link'
import { Readers } from './Readers'
import styles from './share.module.css'

export function ShareButton({ tab }: { readonly tab: Tab }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button icon={<Share2 aria-hidden />} isDisabled={tab.text.trim() === ''} onPress={() => setOpen(true)}>
        {t.share.share}
      </Button>
      <Dialog title={t.share.title} isOpen={isOpen} onClose={() => setOpen(false)}>
        <ShareForm tab={tab} />
      </Dialog>
    </>
  )
}

function ShareForm({ tab }: { readonly tab: Tab }) {
  const timeZone = useTimeZone()
  const [isRelative, setRelative] = useState(true)
  const [runs, setRuns] = useState(true)
  const [link, setLink] = useState('')
  const [error, setError] = useState<unknown>(null)
  const canFreeze = tab.timespan !== '' && !tab.timespan.includes('/')
  const { timespan, also } = tab
  const chart = useSharedChart(tab.text)
  const [hasChart, setChart] = useState(true)
  const text = chart === null ? tab.text : withRender(tab.text, hasChart ? chart : null)

  useEffect(() => {
    let isGone = false
    const linked = {
      query: text,
      timespan: sharedRange(timespan, isRelative, new Date()),
      ...(also.length > 0 ? { also } : {}),
      ...(runs ? { run: true } : {}),
    }
    makeLink(window.location.pathname, linked).then(
      (made) => !isGone && setLink(made),
      (failure: unknown) => !isGone && setError(failure),
    )
    return () => {
      isGone = true
    }
  }, [text, timespan, also, isRelative, runs])

  if (error) return <ErrorState error={error} />
  return (
    <div className={styles['form']}>
      <p>{t.share.text}</p>
      <div className={styles['link']}>
        <TextField
          label={t.share.link}
          value={link || t.share.making}
          isReadOnly
          isCode
          className={styles['field']}
        />
        <CopyButton text={link} />
      </div>
      {text.length > LONGEST_IN_ADDRESS && <p className={styles['note']}>{t.share.long}</p>}
      {canFreeze && (
        <Switch
          isSelected={isRelative}
          onChange={setRelative}
          description={t.share.relativeText(formatTimespan(timespan, timeZone))}
        >
          {t.share.relative}
        </Switch>
      )}
      <Switch isSelected={runs} onChange={setRuns}>
        {t.share.runs}
      </Switch>
      {chart !== null && (
        <Switch isSelected={hasChart} onChange={setChart} description={words.withChartText}>
          {words.withChart}
        </Switch>
      )}
      <Readers workspaces={workspacesOf(tab)} query={text} />
    </div>
  )
}

/** How the tab's query is drawn, as its last line; null where nothing is, or its text is not what was run. */
function useSharedChart(text: string): string | null {
  const run = useRun()
  const edited = useChartEdits(({ edits }) => edits[run.id ?? ''])
  const render = edited ?? (run.render ? readRender(run.render) : null)
  return render && text.trim() === run.query.trim() ? renderLine(render) : null
}
