import { describe, expect, it } from 'vitest'
import { asCommand, asCurl, asPowerQuery, asPython, pythonText, shellQuote } from './programs'

const ASKED = {
  endpoint: 'https://logs.example',
  workspaces: ['00000000-0000-0000-0000-000000000001'],
  query: "T\n| where A == 'it''s' and B == \"x\"",
  timespan: 'PT1H',
}

it('quotes a word for a shell', () => {
  expect(shellQuote("it's")).toBe(`'it'\\''s'`)
})

it('asks by curl', () => {
  const text = asCurl({ ...ASKED, query: "T | where A == 'x'" })
  expect(text).toContain("'https://logs.example/v1/workspaces/00000000-0000-0000-0000-000000000001/query'")
  expect(text).toContain(`'{"query":"T | where A == '\\''x'\\''","timespan":"PT1H"}'`)
})

it('asks by the command', () => {
  expect(asCommand({ ...ASKED, timespan: null })).toMatch(/^kelp query --endpoint/)
  expect(asCommand(ASKED)).toContain(" --timespan 'PT1H' 'T\n|")
})

it('asks several workspaces', () => {
  const asked = { ...ASKED, query: 'T', timespan: null, workspaces: [...ASKED.workspaces, 'other'] }
  expect(asCurl(asked)).toContain(`'{"query":"T","workspaces":["other"]}'`)
  expect(asPython(asked)).toContain('additional_workspaces=["other"]')
  expect(asPowerQuery(asked)).toContain('[query = "T", workspaces = {"other"}]')
  expect(asCommand(asked)).toMatch(/^# The portal asked these too: other\.\nkelp query/)
})

describe('Python', () => {
  it('has the range as it wants it', () => {
    expect(asPython(ASKED)).toContain('timespan=timedelta(hours=1)')
    expect(asPython({ ...ASKED, timespan: null })).toContain('timespan=None')
    const absolute = asPython({ ...ASKED, timespan: '2026-01-01T00:00:00.000Z/2026-01-02T00:00:00.000Z' })
    expect(absolute).toContain('(datetime.fromisoformat("2026-01-01T00:00:00.000+00:00"), ')
  })

  it.each([['a"b'], ['a\nb"'], ['a\n"""b'], ['a\n\\b']])('takes %j as a text', (text) => {
    expect(pythonText(text).startsWith('"')).toBe(true)
  })
})

it('escapes for Power Query', () => {
  expect(asPowerQuery(ASKED)).toContain('"T#(lf)| where A == \'it\'\'s\' and B == ""x"""')
})
