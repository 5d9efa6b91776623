import { Bell } from 'lucide-react'
import { t } from '@/i18n/en/shell'
import { Button, CopyButton, Popover, ProgressBar, Status, Time, type Tone } from '@/ui'
import { Button as AriaButton } from 'react-aria-components'
import { clearNotices, seeNotices, useNotices, type Notice } from '../notices'
import { useDialogs } from './dialogs'
import css from './TopBar.module.css'

const TONES: Readonly<Record<Notice['state'], Tone>> = {
  running: 'info',
  done: 'ok',
  failed: 'danger',
  cancelled: 'none',
}

/** Operations that go on while one does something else, and how they ended. */
export function NoticesBell() {
  const notices = useNotices((store) => store.notices)
  const isOpen = useDialogs((dialogs) => dialogs.open === 'notices')
  const show = useDialogs((dialogs) => dialogs.show)
  const unseen = notices.filter((notice) => !notice.isSeen).length
  return (
    <Popover
      label={t.noticesTitle}
      placement="bottom end"
      isOpen={isOpen}
      onOpenChange={(open) => {
        show(open ? 'notices' : null)
        seeNotices()
      }}
      trigger={
        <AriaButton className={css['bell']!} aria-label={t.notices(unseen)}>
          <Bell aria-hidden />
          {unseen > 0 && (
            <span className={css['unseen']} aria-hidden>
              {unseen}
            </span>
          )}
        </AriaButton>
      }
    >
      <div className={css['notices']}>
        <h2 className={css['heading']}>{t.noticesTitle}</h2>
        {notices.length === 0 && <p className={css['none']}>{t.noNotices}</p>}
        {notices.map((notice) => (
          <NoticeItem key={notice.id} notice={notice} />
        ))}
        {notices.some(({ state }) => state !== 'running') && (
          <Button size="small" variant="quiet" onPress={clearNotices}>
            {t.clear}
          </Button>
        )}
      </div>
    </Popover>
  )
}

function NoticeItem({ notice }: { notice: Notice }) {
  return (
    <article className={css['notice']} aria-label={notice.title}>
      <div className={css['noticeHead']}>
        <strong>{notice.title}</strong>
        <Time value={notice.startedAt} format="time" />
      </div>
      {notice.state === 'running' ? (
        <ProgressBar label={notice.text ?? t.running} value={notice.progress} />
      ) : (
        <Status tone={TONES[notice.state]} word={t[notice.state]} />
      )}
      {notice.state === 'failed' && <p>{notice.text}</p>}
      {notice.correlationId && (
        <p className={css['none']}>
          {t.correlation} <code>{notice.correlationId}</code> <CopyButton text={notice.correlationId} />
        </p>
      )}
      <div className={css['noticeActions']}>
        {notice.open && (
          <Button size="small" onPress={notice.open}>
            {notice.openLabel}
          </Button>
        )}
        {notice.cancel && (
          <Button size="small" onPress={notice.cancel}>
            {t.cancel}
          </Button>
        )}
        {notice.retry && (
          <Button size="small" onPress={notice.retry}>
            {t.retry}
          </Button>
        )}
      </div>
    </article>
  )
}
