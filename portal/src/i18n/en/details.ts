export const t = {
  title: (row: string) => `Row ${row}`,
  label: 'Details of the row',
  table: 'Table',
  tree: 'Tree',
  json: 'JSON',
  raw: 'Raw',
  previous: 'Previous row',
  next: 'Next row',
  close: 'Close details',
  surrounding: 'Rows around this one',
  surroundingOf: (value: string) => `5 minutes before and after, same ${value}`,
  views: 'How the row is shown',
} as const
