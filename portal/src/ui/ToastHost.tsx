import { lazy, Suspense, useSyncExternalStore } from 'react'
import { toasts } from './toast'

const Toasts = lazy(() => import('./Toasts').then(({ Toasts: part }) => ({ default: part })))

const subscribe = (listener: () => void) => toasts.subscribe(listener)

/** The place of toasts, which is made when there is the first to show. */
export function ToastHost() {
  const isNeeded = useSyncExternalStore(subscribe, () => toasts.visibleToasts.length > 0)
  return <Suspense>{isNeeded && <Toasts />}</Suspense>
}
