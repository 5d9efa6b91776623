import { X } from 'lucide-react'
import {
  Button as AriaButton,
  Text,
  UNSTABLE_Toast as AriaToast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastRegion as ToastRegion,
} from 'react-aria-components'
import { t } from '@/i18n/en/ui'
import { Button } from './Button'
import { cx } from './cx'
import { toasts } from './toast'
import css from './toast.module.css'

/** Where toasts appear; the shell shows it once. */
export function Toasts() {
  return (
    <ToastRegion queue={toasts} aria-label={t.messages} className={css['region']!}>
      {({ toast }) => {
        const { title, text, tone = 'ok', action } = toast.content
        return (
          <AriaToast toast={toast} className={cx(css['toast'], css[tone])}>
            <ToastContent className={css['words']!}>
              <Text slot="title" className={css['title']}>
                {title}
              </Text>
              {text && (
                <Text slot="description" className={css['text']}>
                  {text}
                </Text>
              )}
            </ToastContent>
            {action && (
              <Button
                size="small"
                onPress={() => {
                  action.onAction()
                  toasts.close(toast.key)
                }}
              >
                {action.label}
              </Button>
            )}
            <AriaButton slot="close" aria-label={t.close} className={css['close']!}>
              <X aria-hidden />
            </AriaButton>
          </AriaToast>
        )
      }}
    </ToastRegion>
  )
}
