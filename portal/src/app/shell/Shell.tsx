import { Outlet } from '@tanstack/react-router'
import { lazy, Suspense, useEffect } from 'react'
import { t } from '@/i18n/en/shell'
import { PinProvider } from '../pin'
import { usePreferencesSync } from '../preferences-sync'
import { useScope } from '../scope'
import { useDialogs } from './dialogs'
import { IdleWarning } from './IdleWarning'
import { BottomBar, Navigation } from './Navigation'
import css from './Shell.module.css'
import { TopBar } from './TopBar'
import { useKeys } from './useKeys'
import { useScopeChange } from './useScopeChange'

const Palette = lazy(() => import('../palette/Palette').then(({ Palette: part }) => ({ default: part })))
const BackgroundRuns = lazy(() =>
  import('../background-runs').then(({ BackgroundRuns: part }) => ({ default: part })),
)
const KeyMap = lazy(() => import('./KeyMap').then(({ KeyMap: part }) => ({ default: part })))

/** What stays while pages come and go. */
export function Shell() {
  const open = useDialogs((dialogs) => dialogs.open)
  useKeys()
  usePreferencesSync()
  useLastWorkspace()
  return (
    <div className={css['shell']}>
      <a href="#content" className={css['skip']}>
        {t.skip}
      </a>
      <TopBar />
      <div className={css['middle']}>
        <Navigation />
        <main id="content" tabIndex={-1} data-pane className={css['content']}>
          <PinProvider>
            <Outlet />
          </PinProvider>
        </main>
      </div>
      <BottomBar />
      <Suspense>
        <BackgroundRuns />
      </Suspense>
      <Suspense>
        {open === 'palette' && <Palette />}
        {open === 'keys' && <KeyMap />}
      </Suspense>
      <IdleWarning />
    </div>
  )
}

/** Other pages, and the next visit, begin with the workspace that was looked at last. */
function useLastWorkspace(): void {
  const { workspace } = useScope()
  const { rememberHere } = useScopeChange()
  useEffect(() => {
    if (workspace) rememberHere(workspace)
  }, [workspace, rememberHere])
}
