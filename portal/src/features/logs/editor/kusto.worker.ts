/** The language service of KQL, in a thread of its own. */
// oxlint-disable-next-line import/no-unassigned-import -- the worker is the import
import '@kusto/monaco-kusto/release/esm/kusto.worker.js'
