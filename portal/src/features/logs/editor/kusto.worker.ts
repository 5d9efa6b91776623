/** The language service of KQL, in a thread of its own. */
// oxlint-disable-next-line import/no-unassigned-import -- the worker is the import
import '@kusto/monaco-kusto/release/esm/kusto.worker.js'

interface Language {
  readonly Functions: { readonly Database: { Name: string } }
  readonly GlobalState: { readonly prototype: { GetFunction: (name: string) => unknown } }
}

/**
 * What other services call a database is a workspace here: `workspace("name").Table`. The service tells that function
 * by its identity, so that it needs another name only; `database("name")`, which Kelp takes too, stays known.
 */
function callDatabasesWorkspaces({ Functions, GlobalState }: Language): void {
  const find = GlobalState.prototype.GetFunction
  Functions.Database.Name = 'workspace'
  GlobalState.prototype.GetFunction = function getFunction(name) {
    return find.call(this, name === 'database' ? 'workspace' : name)
  }
}

callDatabasesWorkspaces((self as unknown as { Kusto: { Language: Language } }).Kusto.Language)
