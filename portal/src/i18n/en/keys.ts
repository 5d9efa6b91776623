export const t = {
  keys: 'Keys',
  description: 'Whoever holds one of these keys may send records to this workspace, and nothing else.',
  names: { primary: 'Primary key', secondary: 'Secondary key' },
  show: 'Show the keys',
  hide: 'Hide the keys',
  showText: 'Showing them is noted in the activity log.',
  regenerate: 'Regenerate',
  regenerateTitle: (name: string) => `Regenerate the ${name.toLowerCase()}?`,
  regenerateText:
    'Whoever sends with this key is refused from now on. Move them to the other key first; records they keep until then are not lost.',
  regenerated: 'The new key holds from now on.',
  how: 'How to send with a key',
  howText: 'Agents and the Data Collector API sign each request with the workspace id and a key.',
  workspaceId: 'Workspace id',
  localAuth: 'Keys are switched off for this workspace: only sign-in with a role is taken.',

  // How they stand
  stand: 'How the keys stand',
  made: 'made',
  signed: (senders: number, period: string) =>
    senders === 0
      ? `nobody signed with it ${period}`
      : `${period} ${senders === 1 ? '1 address' : `${senders} addresses`} signed with it`,
  lastDay: 'in the last day',
  sinceStart: 'since the server started',
  dataKey: 'Key of the records',
  version: (version: string) => `version ${version}, made`,
  due: 'replaced by itself on',
  above: 'Protected by',
  serviceKey: 'a key of Kelp',
  state: 'State',
  sealedOff: (reason: string) => `out of use: ${reason}`,
  senders: 'Senders',
  used: (period: string) => `These signed with it ${period}:`,
  unused: (period: string) => `Nobody signed with it ${period}.`,
  use: (address: string, requests: number) =>
    `${address}: ${requests === 1 ? '1 request' : `${requests} requests`}, the last`,
} as const
