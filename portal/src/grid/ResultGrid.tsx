import { useMemo, useState, type ReactNode } from 'react'
import { t } from '@/i18n/en/grid'
import { usePreferences, useTimeZone } from '@/lib/preferences'
import { Button, ErrorState } from '@/ui'
import { errorOf, useResultState, type Result, type Summary } from '@/workers/result'
import { placeColumns } from './cells'
import type { OnEdit, StepRow } from './edits'
import { FindBar } from './FindBar'
import { pressKey, pressMouse } from './gridEvents'
import css from './grid.module.css'
import { GridMenus } from './GridMenus'
import { GridScroller } from './GridScroller'
import { GridToolbar } from './GridToolbar'
import { clamp } from './keys'
import { PLAIN_LAYOUT, resize, shownColumns, type GridLayout, type ShownColumn } from './layout'
import { useCursor } from './useCursor'
import { useFittedWidths } from './useFittedWidths'
import { useGridVerbs, type RowPick } from './useGridVerbs'
import { useOpenRows } from './useOpenRows'
import { useSummary } from './useSummary'
import { useView, type GridView } from './useView'

export interface ResultGridProps {
  readonly result: Result
  /** Its name for screen readers. */
  readonly label: string
  /** An IANA zone; the person's own without. */
  readonly timeZone?: string
  readonly density?: 'comfortable' | 'compact'
  /** How it is arranged; kept inside the grid where the owner does not keep it. */
  readonly layout?: GridLayout | undefined
  readonly onLayoutChange?: (layout: GridLayout) => void
  /** Takes edits of the query's text; without it none are offered. */
  readonly onEdit?: OnEdit | undefined
  /** Shows a row's details beside the grid: asked with Enter on a row that is open, and in the menu. */
  readonly onOpen?: ((row: number, step: StepRow) => void) | undefined
  /** Where a value leads to, such as the resource whose id it is. */
  readonly linkOf?: ((column: string, text: string) => { href: string; title: string } | null) | undefined
  /** Told of the sum of what is selected; null where there is none. */
  readonly onSelection?: ((summary: Summary | null) => void) | undefined
  /** Told once, in the frame that first shows rows. */
  readonly onFirstPaint?: (() => void) | undefined
  readonly onRetry?: (() => void) | undefined
  /** What a click on a row does, and Enter, and what the menu calls it; details then open at the row's head. */
  readonly pick?: RowPick | undefined
  /** Whether another result is the same question asked anew: place, scroll and arrangement stay. */
  readonly isLive?: boolean
  readonly hasToolbar?: boolean
}

/** The rows of a result, of which only those in sight are in the page. */
export function ResultGrid(props: ResultGridProps) {
  // Another result begins anew: neither the cursor nor open rows mean anything there.
  return <Grid key={props.isLive ? 'live' : props.result.number} {...props} />
}

function Grid(props: ResultGridProps) {
  const { result, label, onEdit, onRetry, hasToolbar = true } = props
  const state = useResultState(result)
  const personZone = useTimeZone()
  const timeZone = props.timeZone ?? personZone
  const preferred = usePreferences((preferences) => preferences.density)
  const hasLetters = usePreferences((preferences) => preferences.keys)
  const rowHeight = (props.density ?? preferred) === 'compact' ? 24 : 32
  const [ownLayout, setOwnLayout] = useState(props.layout ?? PLAIN_LAYOUT)
  const layout = props.layout ?? ownLayout
  const change = (next: GridLayout) => {
    setOwnLayout(next)
    props.onLayoutChange?.(next)
  }
  const view = useView(result, state, layout, timeZone)
  const fitted = useFittedWidths(result, state, timeZone)
  const shown = useMemo(
    () => shownColumns(state.columns, layout, fitted.widths),
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- sorting and filtering move no column
    [state.columns, layout.widths, layout.hidden, layout.pinned, layout.order, fitted.widths],
  )
  const placing = useMemo(() => placeColumns(shown), [shown])
  const size = { lines: view.arranged.length, places: shown.length + 1 }
  const own = useCursor()
  // Rows that are filtered out and columns that are hidden take the cursor's place with them.
  const active = clamp(own.active, { lines: size.lines, columns: size.places, page: 0 })
  const cursor = { ...own, active }
  const openRows = useOpenRows(result)
  const [isWrapped, setIsWrapped] = useState(false)
  const [isFinding, setIsFinding] = useState(false)
  const [found, setFound] = useState('')
  const wanted = useMemo(() => shown.map(({ index }) => index), [shown])
  useSummary(result, view, shown, cursor.selection, props.onSelection)
  const onOpen = props.onOpen && ((row: number) => props.onOpen?.(row, stepIn(result, view, timeZone)))
  const { pick } = props
  const parts = { result, view, shown, layout, timeZone, cursor, openRows, change, onEdit, onOpen, pick }
  const { verbs, ...menus } = useGridVerbs(parts, () => setIsFinding(true))
  const closeFind = () => {
    setIsFinding(false)
    setFound('')
    cursor.focus()
  }
  const find = isFinding && (
    <FindBar
      result={result}
      view={view}
      columns={wanted}
      timeZone={timeZone}
      onSearch={setFound}
      onPlace={(line, column) => cursor.show({ line, column: wanted.indexOf(column) + 1 })}
      onClose={closeFind}
    />
  )
  const fit = (column: ShownColumn) =>
    void fitted.fit(column).then((width) => change(resize(layout, column.name, width)))
  const head = {
    pinned: placing.pinned,
    pinnedWidth: placing.pinnedWidth,
    layout,
    onResize: (column: ShownColumn, width: number) => change(resize(layout, column.name, width)),
    onFit: fit,
  }
  const details = { result, timeZone, onEdit }
  const style = { '--line': `${rowHeight}px` } as React.CSSProperties
  return (
    <section className={css['root']} style={style} aria-label={label}>
      {hasToolbar && (
        <GridToolbar
          state={state}
          view={view}
          layout={layout}
          isWrapped={isWrapped}
          find={find || undefined}
          onChange={change}
          onFind={() => setIsFinding(true)}
          onWrap={() => setIsWrapped(!isWrapped)}
        />
      )}
      <GridScroller
        label={label}
        view={view}
        placing={placing}
        shown={shown}
        rowHeight={rowHeight}
        isWrapped={isWrapped}
        active={active}
        selection={cursor.selection}
        openRows={openRows.rows}
        found={found}
        showCount={cursor.showCount}
        focusCount={cursor.focusCount}
        head={head}
        details={details}
        empty={<Emptiness {...{ state, view, layout, change, onRetry }} />}
        onKeyDown={(event, pageLines) => {
          if ((event.target as Element).closest('[data-details]')) return
          if (!pressKey(event, cursor, verbs, { ...size, pageLines }, hasLetters)) return
          event.preventDefault()
          event.stopPropagation()
        }}
        onMouse={(event) => pressMouse(event, cursor, verbs)}
        canPick={props.pick !== undefined}
        onFirstPaint={props.onFirstPaint}
      />
      <GridMenus {...menus} {...parts} verbs={verbs} fit={fit} linkOf={props.linkOf} />
    </section>
  )
}

/** Leads from row to row as the grid shows them. */
function stepIn(result: Result, { number }: GridView, timeZone: string): StepRow {
  return async (row, by) => {
    const line = (await result.ask('lineOf', number, row)) + by
    const [next] = line < 0 ? [] : await result.ask('lines', number, line, line + 1, [], timeZone)
    return next && 'row' in next ? next.row : null
  }
}

interface EmptinessProps {
  readonly state: ReturnType<typeof useResultState>
  readonly view: ReturnType<typeof useView>
  readonly layout: GridLayout
  readonly change: (layout: GridLayout) => void
  readonly onRetry: (() => void) | undefined
}

/** What stands where no rows do: the reason. An error is never shown as emptiness. */
function Emptiness({ state, view, layout, change, onRetry }: EmptinessProps): ReactNode {
  const error = errorOf(state)
  if (error) {
    return (
      <div className={css['empty']}>
        <ErrorState error={error} {...(onRetry ? { retry: onRetry } : {})} />
      </div>
    )
  }
  if (view.arranged.length > 0 || view.isArranging) return null
  if (!state.isComplete) return <div className={css['empty']}>{t.reading}</div>
  if (state.loaded === 0) return <div className={css['empty']}>{t.noRows}</div>
  return (
    <div className={css['empty']}>
      {t.nonePass}
      <Button size="small" onPress={() => change({ ...layout, filters: [] })}>
        {t.liftFilters}
      </Button>
    </div>
  )
}
