import { describe, expect, it } from 'vitest'
import { isUnsaved, makeTab, mergeTabs, readTabs, titleOf } from './tab'

describe('the title of a tab', () => {
  it.each([
    ['Heartbeat | count', 'Heartbeat'],
    ['let a = 1;\n// what\nSyslog\n| take a', 'Syslog'],
    ['// errors\n\nSyslog', 'Syslog'],
    ["['My-Table'] | take 1", 'My-Table'],
    ['', ''],
    ['let x = 1;', ''],
  ])('%j', (text, title) => {
    expect(titleOf(makeTab({ text }))).toBe(title)
  })

  it('is its own name first', () => {
    expect(titleOf(makeTab({ text: 'T', name: 'errors by host' }))).toBe('errors by host')
  })
})

it('is unsaved when its text differs from what was saved', () => {
  const saved = { id: 'x', etag: 'e', text: 'T' }
  expect(isUnsaved(makeTab({ text: 'T', saved }))).toBe(false)
  expect(isUnsaved(makeTab({ text: 'U', saved }))).toBe(true)
  expect(isUnsaved(makeTab({ text: 'U' }))).toBe(true)
  expect(isUnsaved(makeTab())).toBe(false)
})

describe('tabs of a kept document', () => {
  it('are at least one', () => {
    for (const document of [null, {}, { tabs: 'x' }, { tabs: [null, { id: 1 }] }]) {
      const { tabs, active } = readTabs(document)
      expect(tabs).toHaveLength(1)
      expect(active).toBe(tabs[0]!.id)
    }
  })

  it('get defaults for what they lack', () => {
    const { tabs } = readTabs({ tabs: [{ id: 'a', text: 'T', limit: -1, also: [1, 'w'] }], active: 'gone' })
    expect(tabs[0]).toMatchObject({ id: 'a', text: 'T', limit: 10_000, also: ['w'], timespan: 'PT24H' })
  })
})

describe('two versions of the tabs', () => {
  const a = makeTab({ id: 'a', text: 'ours' })
  const b = makeTab({ id: 'b' })
  const c = makeTab({ id: 'c' })

  it('keep what was changed here and what was added there', () => {
    const theirs = { tabs: [{ ...a, text: 'theirs' }, { ...b, text: 'theirs' }, c], active: 'c' }
    const merged = mergeTabs({ tabs: [a, b], active: 'a' }, theirs, new Set(['a']), new Set())
    expect(merged.tabs.map((tab) => [tab.id, tab.text])).toEqual([
      ['a', 'ours'],
      ['b', 'theirs'],
      ['c', ''],
    ])
    expect(merged.active).toBe('a')
  })

  it('drop what was closed, here or there', () => {
    const merged = mergeTabs(
      { tabs: [a, b], active: 'b' },
      { tabs: [a, c], active: 'a' },
      new Set(),
      new Set(['c']),
    )
    expect(merged.tabs.map((tab) => tab.id)).toEqual(['a'])
    expect(merged.active).toBe('a')
  })
})
