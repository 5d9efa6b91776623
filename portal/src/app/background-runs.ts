import { useQuery } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { cancelRun, runsQuery, type KeptRun } from '@/api/runs'
import { t } from '@/i18n/en/shell'
import { formatCount } from '@/lib/format'
import { toast } from '@/ui/toast'
import { putNotice, type Notice } from './notices'
import { workspacePath } from './scope'
import { useSession } from './session'
import { useDialogs } from './shell/dialogs'

const POLL_MILLISECONDS = 1000

/** Shows queries in the bell that run on the server without a page, also after the page was loaded anew. */
export function BackgroundRuns(): null {
  const { tenant } = useSession()
  const router = useRouter()
  const { data } = useQuery({
    ...runsQuery,
    refetchInterval: ({ state }) => (state.data?.some(isUnderWay) ? POLL_MILLISECONDS : false),
  })
  /** What the bell was told of each. */
  const told = useRef<ReadonlyMap<string, Notice['state']>>(new Map())

  useEffect(() => {
    if (!data) return
    const before = told.current
    const runs = data.filter(({ background }) => background)
    told.current = new Map(runs.map((run) => [run.id, stateOf(run)]))
    for (const run of runs) {
      const state = stateOf(run)
      const known = before.get(run.id)
      if (known === state && state !== 'running') continue
      const open = () => {
        useDialogs.getState().show(null)
        const path = workspacePath(tenant.domain, run.workspaces[0] ?? '', 'logs')
        void router.navigate({ href: `${path}?run=${run.id}` })
      }
      // What had ended when the page came is no news.
      putNotice(noticeOf(run, state, open, known === undefined && state !== 'running'))
      if (known === 'running' && state === 'done')
        toast({ title: t.runDone(titleOf(run)), tone: 'ok', action: { label: t.openResult, onAction: open } })
    }
  }, [data, router, tenant.domain])
  return null
}

function isUnderWay({ background, state }: KeptRun): boolean {
  return background && state !== 'ended'
}

function stateOf({ state, error, errorCode }: KeptRun): Notice['state'] {
  if (state !== 'ended') return 'running'
  if (errorCode === 'QueryCancelled') return 'cancelled'
  return error === null ? 'done' : 'failed'
}

function noticeOf(run: KeptRun, state: Notice['state'], open: () => void, isSeen: boolean): Notice {
  const { rowsRead, rowsTotal } = run.progress
  const isRunning = state === 'running'
  return {
    id: run.id,
    title: titleOf(run),
    state,
    startedAt: new Date(run.startedAt),
    isSeen: isSeen || isRunning,
    ...(isRunning && rowsTotal ? { progress: Math.min(100, (100 * (rowsRead ?? 0)) / rowsTotal) } : {}),
    ...(isRunning
      ? { text: run.state === 'waiting' ? t.running : t.rowsRead(formatCount(rowsRead ?? 0)) }
      : {}),
    ...(state === 'failed' ? { text: run.error ?? undefined } : {}),
    ...(isRunning ? { cancel: () => void cancelRun(run.id).catch(() => undefined) } : {}),
    ...(isRunning || run.hasRows ? { open, openLabel: isRunning ? t.openRun : t.openResult } : {}),
  }
}

const LONGEST_TITLE = 80

/** The beginning of the query: its first line that says something. */
function titleOf({ query }: KeptRun): string {
  const line = query.split('\n').find((one) => one.trim() !== '' && !one.trim().startsWith('//')) ?? query
  return line.length > LONGEST_TITLE ? `${line.slice(0, LONGEST_TITLE)}…` : line
}
