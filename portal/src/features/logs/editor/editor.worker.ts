/** What Monaco computes beside the page for any language; loaded when it is first asked for. */
// oxlint-disable-next-line import/no-unassigned-import -- the worker is the import
import 'monaco-editor/esm/vs/editor/editor.worker.js'
