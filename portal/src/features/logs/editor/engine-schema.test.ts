import { describe, expect, it } from 'vitest'
import { engineSchema, parseParameters } from './engine-schema'

describe('parameters of a function', () => {
  it('have names, types and defaults', () => {
    expect(parseParameters("a:string, b:long = 5, c:string='x,y'")).toEqual([
      { name: 'a', cslType: 'string', type: 'System.String' },
      { name: 'b', cslType: 'long', type: 'System.Int64', cslDefaultValue: '5' },
      { name: 'c', cslType: 'string', type: 'System.String', cslDefaultValue: "'x,y'" },
    ])
  })

  it('may be tables', () => {
    expect(parseParameters('T:(x:int, y:dynamic), U:(*)')).toEqual([
      {
        name: 'T',
        columns: [
          { name: 'x', cslType: 'int', type: 'System.Int32' },
          { name: 'y', cslType: 'dynamic', type: 'System.Object' },
        ],
      },
      { name: 'U', columns: [] },
    ])
  })

  it('may be none', () => {
    expect(parseParameters('')).toEqual([])
  })
})

it('has a schema without tables for a workspace without tables', () => {
  const schema = engineSchema({ tables: [], functions: [], workspaces: [], conflicts: [], refused: [] })
  expect(schema.database?.tables).toEqual([])
})

it('has the workspaces that the text names beside its own, each under the name that it is called by', () => {
  const workspace = { id: 'id-1', name: 'own', resourceId: '/own', related: { tables: [] } }
  const metadata = { tables: [], functions: [], workspaces: [workspace], conflicts: [], refused: [] }
  const others = [
    { name: 'other', metadata: null },
    { name: 'id-1', metadata },
  ]
  const { cluster, database } = engineSchema(metadata, others, ({ name }) => name.length)
  expect(database).toMatchObject({ name: 'own', alternateName: 'id-1', majorVersion: 3 })
  expect(cluster.databases.map(({ name }) => name)).toEqual(['own', 'other'])
})
