import { expect, test } from 'vitest'
import type { Usage, UsageGroup } from './api'
import { daysOf } from './periods'
import { chartTable, nameOf, usageCsv } from './series'

function group(name: string, bytes: number[] | null, amounts: number[] | null = null): UsageGroup {
  return { id: name, kind: bytes ? 'table' : 'meter', name, bytes, amounts }
}

function usage(...groups: UsageGroup[]): Usage {
  return {
    currency: 'EUR',
    pricesAreSet: true,
    measuredUntil: null,
    days: ['2026-11-01', '2026-11-02'],
    groups,
    capBytes: null,
    capped: 0,
    workspaces: 1,
    unpriced: 0,
    resetHour: 0,
    forecast: null,
    tiers: [],
  }
}

test('the largest groups are drawn, the others as one, and nothing is lost', () => {
  const many = Array.from({ length: 11 }, (_, index) => group(`T${index}`, [index * 1e9, 1e9]))
  const { columns, rowCount } = chartTable(usage(...many), 'table', 'volume')
  expect(rowCount).toBe(18)
  const names = [...new Set(columns[1]!.values)]
  expect(names.slice(0, 2)).toEqual(['T10', 'T9'])
  expect(names.at(-1)).toContain('3')
  expect((columns[2]!.values as number[]).reduce((total, one) => total + one, 0)).toBeCloseTo(55 + 11)
})

test('a meter among tables says that no table caused it, and is no volume', () => {
  const retention = group('Data Retention', null, [1, 2])
  expect(nameOf(retention, 'table')).toContain('no table')
  expect(nameOf(retention, 'meter')).toBe('Data Retention')
  expect(chartTable(usage(retention), 'table', 'volume').rowCount).toBe(0)
  expect(chartTable(usage(retention), 'table', 'cost').rowCount).toBe(2)
})

test('the file has a line for each group and day', () => {
  const lines = usageCsv(usage(group('=evil', [1, 2], [0.5, 0.25])), 'table').split('\r\n')
  expect(lines[1]).toBe("2026-11-01,'=evil,'=evil,1,0.5,EUR")
  expect(lines).toHaveLength(4)
})

test('periods are whole days in UTC', () => {
  const now = new Date('2026-03-01T00:30:00Z')
  expect(daysOf('month', now)).toEqual({ from: '2026-03-01', to: '2026-03-01' })
  expect(daysOf('lastMonth', now)).toEqual({ from: '2026-02-01', to: '2026-02-28' })
  expect(daysOf('7', now)).toEqual({ from: '2026-02-23', to: '2026-03-01' })
})
