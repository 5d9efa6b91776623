import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test } from 'vitest'
import { renderAt } from '@/test/render'
import { ListPage } from './ListPage'

interface Table {
  readonly name: string
  readonly gigabytes: number | null
}

const TABLES: Table[] = [
  { name: 'Syslog', gigabytes: 12 },
  { name: 'Heartbeat', gigabytes: null },
  { name: 'Perf', gigabytes: 3 },
]

const PAGE = (
  <ListPage
    title="Tables"
    columns={[
      { id: 'name', label: 'Name', value: (table: Table) => table.name },
      { id: 'size', label: 'GB', value: (table: Table) => table.gigabytes, align: 'end' },
    ]}
    rows={TABLES}
    rowKey={(table) => table.name}
    panel={(table) => ({ title: table.name, content: `${table.name} in detail` })}
    bulkActions={(tables) => <button type="button">Delete {tables.length}</button>}
  />
)

function names(): string[] {
  const rows = screen.getAllByRole('row').slice(1)
  return rows.map((row) => within(row).getAllByRole('gridcell')[1]!.textContent)
}

afterEach(cleanup)

test('sorting goes through up, down and as it came, with what is missing last', async () => {
  const router = await renderAt('/tables', PAGE)
  expect(document.title).toBe('Tables · Kelp')
  const press = () => userEvent.click(screen.getByRole('button', { name: 'GB' }))
  await press()
  await waitFor(() => expect(names()).toEqual(['Perf', 'Syslog', 'Heartbeat']))
  await press()
  await waitFor(() => expect(names()).toEqual(['Syslog', 'Perf', 'Heartbeat']))
  expect(router.state.location.search).toEqual({ sort: '-size' })
  expect(screen.getByRole('columnheader', { name: 'GB' }).getAttribute('aria-sort')).toBe('descending')
  await press()
  await waitFor(() => expect(names()).toEqual(TABLES.map((table) => table.name)))
})

test('the filter is in the address, which keeps what it does not know', async () => {
  const router = await renderAt('/tables?other=1&filter=perf', PAGE)
  expect(names()).toEqual(['Perf'])
  await userEvent.type(screen.getByRole('searchbox', { name: 'Filter' }), '{Escape}sys')
  await waitFor(() => expect(names()).toEqual(['Syslog']))
  expect(router.state.location.search).toEqual({ other: '1', filter: 'sys' })
})

test('rows are walked, checked and opened by keyboard', async () => {
  const router = await renderAt('/tables', PAGE)
  screen.getAllByRole('row')[1]!.focus()
  await userEvent.keyboard('{ArrowDown} {End} {Enter}')
  await waitFor(() => expect(screen.getByText('Perf in detail')).toBeDefined())
  expect(router.state.location.search).toEqual({ sel: 'Perf' })
  expect(screen.getByRole('button', { name: 'Delete 2' })).toBeDefined()
  await userEvent.keyboard('{Escape}')
  await waitFor(() => expect(screen.queryByText('Perf in detail')).toBeNull())
})
