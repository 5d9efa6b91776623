import { expect, test } from 'vitest'
import { forecast, sumCosts } from './api'

test('costs are summed by name, with a number for each day of the period', () => {
  const columns = ['Cost', 'UsageQuantity', 'UsageDate', 'Meter', 'Currency'].map((name) => ({ name }))
  const rows = [
    [1.5, 1, 20261102, 'data', 'EUR'],
    [2, 1, 20261101, 'retention', 'EUR'],
    [3, 1, 20261101, 'data', 'EUR'],
    [0.5, 1, 20261102, 'data', 'EUR'],
  ]
  expect(sumCosts({ properties: { columns, rows } }, 'Meter')).toEqual([
    { name: 'data', amount: 5, days: [3, 2], currency: 'EUR' },
    { name: 'retention', amount: 2, days: [2, 0], currency: 'EUR' },
  ])
  expect(sumCosts({ properties: { columns, rows: [] } }, 'Meter')).toEqual([])
})

test('a month that is half over costs twice as much at its end', () => {
  expect(forecast(10, new Date('2026-11-16T00:00:00Z'))).toBeCloseTo(20)
  expect(forecast(10, new Date('2026-11-01T00:00:00Z'))).toBe(10)
})
