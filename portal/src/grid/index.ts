/** A result's rows: the grid, and a row's details. */
export { DynamicTree } from './details/DynamicTree'
export { RowDetails } from './details/RowDetails'
export { operationsFor, type CellEdit, type EditOperation, type OnEdit, type StepRow } from './edits'
export { editItems } from './menus'
export { copyText } from './clipboard'
export { PLAIN_LAYOUT, type GridLayout } from './layout'
export { ResultGrid, type ResultGridProps } from './ResultGrid'
