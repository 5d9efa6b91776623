import { fireEvent, render, screen } from '@testing-library/react'
import { expect, test, vi } from 'vitest'
import { Histogram } from './Histogram'
import { Legend } from './Legend'
import { tableOfRows } from './table'

const from = new Date('2026-01-01T00:00:00Z')
const to = new Date('2026-01-01T01:00:00Z')
const table = tableOfRows(
  [
    { name: 'TimeGenerated', type: 'datetime' },
    { name: 'Count', type: 'long' },
  ],
  [
    ['2026-01-01T00:00:00Z', 3],
    ['2026-01-01T00:01:00Z', 4],
  ],
)

function show(more: Partial<Parameters<typeof Histogram>[0]> = {}) {
  const told = {
    onBrush: vi.fn<(range: object) => void>(),
    onBack: vi.fn<() => void>(),
    onHide: vi.fn<() => void>(),
  }
  render(<Histogram table={table} from={from} to={to} state="done" timeZone="UTC" {...told} {...more} />)
  return told
}

test('arrows pick bars, Shift extends, Enter sets the range, Alt and left goes back', () => {
  const { onBrush, onBack } = show()
  const bars = screen.getByRole('application')
  fireEvent.keyDown(bars, { key: 'ArrowRight' })
  fireEvent.keyDown(bars, { key: 'ArrowRight', shiftKey: true })
  fireEvent.keyDown(bars, { key: 'ArrowRight', shiftKey: true })
  expect(screen.getByRole('status').textContent).toBe(
    'Picked 2026-01-01 00:00:00 to 2026-01-01 00:03:00, 7 rows',
  )
  fireEvent.keyDown(bars, { key: 'ArrowLeft', shiftKey: true })
  fireEvent.keyDown(bars, { key: 'Enter' })
  expect(onBrush).toHaveBeenCalledWith({ from, to: new Date('2026-01-01T00:02:00Z') })
  fireEvent.keyDown(bars, { key: 'ArrowLeft', altKey: true })
  expect(onBack).toHaveBeenCalledOnce()
})

test('it says what it waits for, and what went wrong', () => {
  show({ table: null, state: 'waiting' })
  expect(screen.getByText(/starts when the first rows/)).toBeTruthy()
  show({ table: null, state: 'error', error: 'too old' })
  expect(screen.getByRole('alert').textContent).toBe('The histogram failed: too old')
})

test('a click in the legend shows one only, a second all; with Ctrl it adds and takes away', () => {
  const change = vi.fn<(hidden: ReadonlySet<string>) => void>()
  const style = { color: 'red', dash: 'solid', symbol: 'circle', decal: null } as const
  const legend = (hidden: readonly string[]) => (
    <Legend
      entries={['a', 'b', 'c'].map((name) => ({ name, style, isHidden: hidden.includes(name) }))}
      onChange={change}
    />
  )
  const { rerender } = render(legend([]))
  const click = (name: string, ctrlKey = false) => {
    fireEvent.click(screen.getByRole('button', { name }), { ctrlKey })
    return [...(change.mock.lastCall?.[0] ?? [])]
  }
  expect(click('b')).toEqual(['a', 'c'])
  rerender(legend(['a', 'c']))
  expect(click('b')).toEqual([])
  expect(click('c', true)).toEqual(['a'])
  expect(click('b', true)).toEqual([])
})
