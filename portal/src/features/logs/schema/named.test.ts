import { expect, test } from 'vitest'
import { namedIn } from './named'

test('a text names workspaces in either quotes, each once', () => {
  const text = `union workspace("b").T, workspace( 'a' ).T, database("b").U | where x == "workspace('c')" // workspace(`
  expect(namedIn(text)).toEqual(['a', 'b', 'c'])
  expect(namedIn('workspace("half')).toEqual([])
  expect(namedIn('')).toEqual([])
})
