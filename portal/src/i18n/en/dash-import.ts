export const t = {
  notDrawn: (name: string, what: string) => `"${name}" (${what}) is not drawn: a placeholder has its name.`,
  item: (name: string) => `"${name}"`,
  parameter: (name: string) => `parameter "${name}"`,
  formats: (name: string, found: string) =>
    `"${name}" uses what is not known here, and fails until it is mended: ${found}.`,
  asTable: (name: string, what: string) => `"${name}" was shown as ${what}; it is a table now.`,
  asText: (name: string) => `Parameter "${name}" is of a kind that is not known here; it is a text now.`,
  noParameter: (name: string, what: string) => `Parameter "${name}" (${what}) is left out.`,
  tabs: (name: string) => `The tabs "${name}" are a choice of their parameter now.`,
  condition: (name: string) => `Of the conditions of "${name}" only the first is kept.`,
  conditionLost: (name: string) =>
    `The condition of "${name}" is of a kind that is not known here: it is always shown.`,
  links: (name: string, count: number) =>
    `${count} of the links "${name}" lead to no address and are left out.`,
  sources: (names: string) => `Queries ask the workspaces of this dashboard, not ${names}.`,
  resources: 'Queries ask the workspaces of this dashboard, not the resources that they named.',
  interval: (name: string) => `"${name}" has steps of 5 minutes instead of steps by its range ($__interval).`,
  queries: (name: string) => `Of the queries of "${name}" only the first of logs is kept.`,
  html: (name: string) => `The HTML of "${name}" is shown as text.`,
  base: 'Base queries are written into the queries that use them.',
} as const
