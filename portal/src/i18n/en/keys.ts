export const t = {
  keys: 'Keys',
  description: 'Whoever holds one of these keys may send records to this workspace, and nothing else.',
  primary: 'Primary key',
  secondary: 'Secondary key',
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
} as const
