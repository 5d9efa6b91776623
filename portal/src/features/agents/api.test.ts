import { expect, test } from 'vitest'
import { quote } from '@/lib/kql-literal'
import { agentOf, recordsOf } from './api'

const BEAT = { Computer: 'web-1', TimeGenerated: '2026-11-22T10:00:00Z', Age: 30 }

test('a computer is late after ten minutes and silent after an hour', () => {
  const states = [30, 599, 600, 3599, 3600].map((Age) => agentOf({ ...BEAT, Age }).state)
  expect(states).toEqual(['ok', 'ok', 'late', 'late', 'silent'])
})

test('what a heartbeat does not say stays empty', () => {
  expect(agentOf({ ...BEAT, OSType: 'Linux', Lag: null })).toMatchObject({
    computer: 'web-1',
    system: 'Linux',
    version: '',
    resourceId: '',
    lagSeconds: null,
  })
  expect(agentOf({ ...BEAT, OSName: 'Debian', OSMajorVersion: '12', Lag: -0.2 })).toMatchObject({
    system: 'Debian 12',
    lagSeconds: 0,
  })
})

test('names are written so that they stay names', () => {
  expect(quote('a"b\\c')).toBe('"a\\"b\\\\c"')
  expect(recordsOf('Syslog', 'web-1')).toBe(
    'Syslog\n| where Computer == "web-1"\n| sort by TimeGenerated desc',
  )
  expect(recordsOf('Odd-Name_CL', 'x')).toContain("['Odd-Name_CL']")
})
