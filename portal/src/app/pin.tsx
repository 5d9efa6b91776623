/** Pinning a chart to a dashboard, for any page: pages know nothing of each other, so that the dialog is fetched here. */

import { createContext, lazy, Suspense, use, useMemo, useState, type ReactNode } from 'react'

/** What is pinned: a query, and what it is drawn as (as `render` of the answer says, or null). */
export interface PinnedChart {
  readonly title: string
  readonly query: string
  readonly visual: object | null
  readonly scope: { readonly workspaces: readonly string[] }
  readonly timeRange?: string
}

const PinDialog = lazy(() =>
  import('@/features/dash/PinDialog').then(({ PinDialog: dialog }) => ({ default: dialog })),
)

const Pin = createContext<(chart: PinnedChart) => void>(() => undefined)

/** Opens the dialog that asks which dashboard. */
export function usePin(): (chart: PinnedChart) => void {
  return use(Pin)
}

export function PinProvider({ children }: { readonly children: ReactNode }) {
  const [chart, setChart] = useState<PinnedChart | null>(null)
  const pin = useMemo(() => (next: PinnedChart) => setChart(next), [])
  return (
    <Pin value={pin}>
      {children}
      {chart && (
        <Suspense>
          <PinDialog chart={chart} onClose={() => setChart(null)} />
        </Suspense>
      )}
    </Pin>
  )
}
