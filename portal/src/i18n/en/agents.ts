export const t = {
  agents: 'Agents',
  description: 'Computers that sent a heartbeat to this workspace, and how long ago.',
  since: 'Heartbeats of the last',
  ranges: { P1D: 'Last day', P7D: 'Last 7 days', P30D: 'Last 30 days' },
  add: 'Add a computer',
  none: 'No computer has reported',
  noneText: 'Whatever sends records to the table Heartbeat is listed here. Add a computer to see how.',
  computer: 'Computer',
  state: 'State',
  states: { ok: 'ok', late: 'late', silent: 'silent' },
  last: 'Last heartbeat',
  system: 'System',
  version: 'Version',
  environment: 'Environment',
  category: 'Kind',
  address: 'Address',
  resource: 'Resource',
  records: 'Records, last hour',
  lag: 'Delay',

  // Details
  sent: 'Sent in the last day',
  sentNone: 'Nothing came from this computer in the last day.',
  table: 'Table',
  count: 'Records',
  lastRecord: 'Last',
  open: 'Open',
  logs: 'Logs',
  openTable: (table: string) => `Open ${table} in Logs`,
  rules: 'Data collection rules',
  rulesNone: 'No rule is associated with this resource.',

  // Adding
  addText:
    'Kelp has no agent of its own for other machines yet. What follows works today; ca.pem is the certificate that signs this server’s, if your machines do not trust it anyway.',
  own: 'The machine that runs Kelp',
  ownText:
    'Started like this, the server takes in its own machine’s logs and counters, and a heartbeat each minute.',
  beat: 'Another machine, with the command kelp',
  beatText:
    'Sends one heartbeat; let cron or a timer run it each minute, and the computer appears here. The application takes the role Contributor at the resource group the first time, since a rule is made, and Monitoring Metrics Publisher from then on. Files of logs go the same way: kelp ingest --table Syslog lines.csv.',
  access: 'Give a role',
  key: 'Another machine, with curl and a key',
  keyText:
    'Signs with a key of this workspace. The records come to a table of their own, FirstSteps_CL, and not into the list here.',
  showKeys: 'Show the keys',
  rulesText: 'Programs that speak the Logs Ingestion API send through a data collection rule.',
  toRules: 'Data collection rules',
} as const
