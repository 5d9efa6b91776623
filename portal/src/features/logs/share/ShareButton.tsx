import { Share2 } from 'lucide-react'
import { useEffect, useState } from 'react'
import { t } from '@/i18n/en/logs'
import { LONGEST_IN_ADDRESS } from '@/lib/query-link'
import { useTimeZone } from '@/lib/preferences'
import { formatTimespan } from '@/lib/time'
import { Button } from '@/ui/Button'
import { CopyButton } from '@/ui/CopyButton'
import { Dialog } from '@/ui/Dialog'
import { ErrorState } from '@/ui/ErrorState'
import { Switch } from '@/ui/Switch'
import { TextField } from '@/ui/TextField'
import type { Tab } from '../tabs/tab'
import { makeLink, sharedRange } from './link'
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
  const { text, timespan, also } = tab

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
    </div>
  )
}
