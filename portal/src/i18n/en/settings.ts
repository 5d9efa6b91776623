export const t = {
  settings: 'Settings',
  description: 'What the owner of this workspace decides about it.',
  noWorkspace: 'You reach no workspace',
  noWorkspaceText: 'Ask an owner for a role in theirs, or create one on the page Workspaces.',
  tabs: {
    workspace: 'Workspace',
    network: 'Network',
    exports: 'Data export',
    sources: 'Data sources',
    diagnostics: 'Diagnostic settings',
    storage: 'Linked storage',
  },
  save: 'Save',
  saved: 'Saved.',
  unchanged: 'Nothing was changed.',
  cancel: 'Cancel',
  name: 'Name',
  on: 'on',
  off: 'off',
  none: 'none',
  whoMay: (action: string) =>
    `Changing this takes a role here that permits ${action}. The page Access tells who has one.`,

  // Workspace
  workspaceId: 'Workspace id',
  resourceId: 'Resource id',
  location: 'Location',
  sku: 'Pricing tier',
  created: 'Created',
  cluster: 'Linked cluster',
  capState: 'Ingestion today',
  capStates: {
    RespectQuota: 'runs',
    ApproachingQuota: 'runs; the daily cap is near',
    OverQuota: 'stopped: the daily cap is reached',
    ForceOn: 'runs, whatever the cap',
    ForceOff: 'switched off',
    SubscriptionSuspended: 'stopped: the subscription is suspended',
  } as Readonly<Record<string, string>>,
  capReset: 'Cap counts anew at',
  decided: 'Decided by the owner',
  retention: 'Retention in days',
  retentionHelp:
    '7 to 730. Older records no longer answer queries, unless their table says otherwise. They are removed within a day; for 30 days after a shortening they can be had back by a longer retention.',
  cap: 'Daily cap in GB',
  capHelp:
    'When a day has brought this much, records are refused until the cap counts anew, at the time above. Empty: no cap.',
  features: {
    enableLogAccessUsingOnlyResourcePermissions: 'Access by resource or by workspace',
    disableLocalAuth: 'Keys are off',
    immediatePurgeDataOn30Days: 'Remove at once after 30 days',
  },
  effects: {
    enableLogAccessUsingOnlyResourcePermissions:
      'Who may read a resource may query its records here. Off: only who has rights at this workspace.',
    disableLocalAuth:
      'Whoever signs with a key of this workspace is refused; senders with a role go on. Off: both are taken.',
    immediatePurgeDataOn30Days:
      'With 30 days of retention records go on the hour, and nothing is kept longer because retention was shortened. Off: they go by whole days.',
  },
  tags: 'Tags',
  tagsHelp: 'A line each: name = value.',
  members: {
    'properties.retentionInDays': 'Retention in days',
    'properties.workspaceCapping.dailyQuotaGb': 'Daily cap in GB',
    'properties.features.enableLogAccessUsingOnlyResourcePermissions': 'Access by resource or by workspace',
    'properties.features.disableLocalAuth': 'Keys are off',
    'properties.features.immediatePurgeDataOn30Days': 'Remove at once after 30 days',
    'properties.publicNetworkAccessForIngestion': 'Records from public networks',
    'properties.publicNetworkAccessForQuery': 'Queries from public networks',
    'properties.networkRules.ingestion': 'Addresses that may send records',
    'properties.networkRules.query': 'Addresses that may query',
    'properties.networkRules.management': 'Addresses that may manage',
    tags: 'Tags',
  } as Readonly<Record<string, string>>,
  values: {
    Enabled: 'Taken',
    Disabled: 'Refused',
    SecuredByPerimeter: 'Refused (secured by a perimeter)',
  } as Readonly<Record<string, string>>,

  // Conflicts
  conflict: 'Somebody else changed the same',
  conflictText:
    'Somebody else changed the same settings since you opened them. Nothing of yours is saved yet.',
  setting: 'Setting',
  was: 'Was',
  isNow: 'Is now',
  yours: 'Yours',
  overwrite: 'Save mine',
  takeTheirs: 'Take theirs',

  // Locks
  locks: 'Locks',
  locksText:
    'A lock holds for whoever it is, owners too, until somebody removes it. Records come in and retention goes on all the same.',
  locksNone: 'This workspace has no lock of its own. One on its group or subscription holds here too.',
  lock: 'Add a lock',
  locked: (name: string) => `The lock ${name} holds from now on.`,
  level: 'It forbids',
  levels: { CanNotDelete: 'Deleting', ReadOnly: 'Deleting and changing' },
  levelHelp: {
    CanNotDelete: 'The workspace and what lies in it can be changed, not deleted.',
    ReadOnly:
      'Nothing can be changed: no setting, no table, no role. Keys can be neither shown nor regenerated.',
  },
  notes: 'Notes',
  unlock: 'Remove',
  unlockTitle: (name: string) => `Remove the lock ${name}?`,
  unlockText: 'What it forbade is allowed at once to everybody who has a role for it.',
  removed: (name: string) => `${name} is removed.`,

  // Network
  network: 'Network',
  networkText:
    'Private networks of the installation are always let in, so that nobody locks everybody out. Where there is a list, nobody else is let in.',
  yourAddress: (address: string) => `You signed in from ${address}.`,
  accessHelp: {
    Enabled: 'From everywhere, unless there is a list below.',
    Disabled: 'From private networks and the list below only; others get 403 NetworkAccessDenied.',
    SecuredByPerimeter: 'In Kelp the same as refused.',
  },
  listHelp: {
    ingestion: 'Ranges such as 203.0.113.0/24, a line each, 200 at most. Empty: no list.',
    query: 'For the query APIs, the Kusto endpoint and the pages that query.',
    management: 'For az, templates and the pages that change something here.',
  },

  // What is kept beside
  remove: 'Delete',
  removeTitle: (name: string) => `Delete ${name}?`,
  kept: (name: string) => `${name} is saved.`,
  nameTaken: 'There is one of this name already.',
  changedMeanwhile:
    'Somebody else changed it since you opened it. Nothing of yours is saved: close this and open it again to see what it is now.',
  state: 'State',
  changed: 'Changed',
  kind: 'Kind',

  exports: 'Data export rules',
  exportsText:
    'Which tables are to be sent on as their records come, and where: a storage account or event hubs. Ten enabled ones at most, each with a destination of its own.',
  exportsEffect: 'Rules are checked and kept. Sending comes later: no record leaves Kelp by them yet.',
  exportsNone: 'No data export rule',
  createExport: 'Create a rule',
  removeExport: 'The rule is gone for good. What was sent by it elsewhere stays there.',
  exportNameHelp: '4 to 63 letters, digits and hyphens, beginning with a letter.',
  enabled: 'Enabled',
  disabled: 'Disabled',
  enableHelp: 'A disabled rule is kept and will send nothing.',
  tables: 'Tables',
  addTable: 'Add a table',
  addTableHelp: 'A table of your own (…_CL) may be named before it is there.',
  leaveOut: (name: string) => `Leave out ${name}`,
  destination: 'Destination',
  destinations: { StorageAccount: 'Storage account', EventHub: 'Event hubs' },
  destinationId: 'Resource id of the destination',
  destinationHelp:
    '/subscriptions/…/Microsoft.Storage/storageAccounts/…, or …/Microsoft.EventHub/namespaces/…, or an event hub of one.',
  hub: 'Event hub',
  hubHelp: 'Of a namespace: one hub for all tables. Empty: a hub for each table.',

  sources: 'Data sources',
  sourcesText: 'What agents of the older kind are told to collect: event logs, counters, syslog, files.',
  sourcesEffect: 'They are kept for agents that ask. Nothing in Kelp collects by them.',
  sourcesNone: 'No data source',
  createSource: 'Create a data source',
  removeSource: 'Agents that ask no longer find it. Records that came by it stay.',
  says: 'What it says',
  notJson: (problem: string) => `This is no JSON: ${problem}`,

  diagnostics: 'Diagnostic settings that lead here',
  diagnosticsText:
    'Settings of this subscription and its resources that name this workspace, as far as you may read them.',
  diagnosticsEffect:
    'The activity of a subscription comes to the table AzureActivity. Settings of other resources are checked and kept; nothing is sent by them yet.',
  diagnosticsNone: 'No diagnostic setting of this subscription leads here',
  of: 'Of',
  subscription: 'the subscription',
  categories: 'Categories',
  sending: 'sends',
  keptOnly: 'kept only',
  sendActivity: 'Send the activity here',
  activityText:
    'What is done to the resources of this subscription then comes to this workspace, and to those of its other such settings; no longer to the workspace that the tenant chose for its own logs.',
  removeDiagnostic:
    'Nothing more comes by it. When the last one is gone that sends a subscription’s activity, it goes to the workspace that the tenant chose for its own logs.',
  whoMaySend: (action: string, keys: string) =>
    `Changing this takes a role at the subscription that permits ${action}, and one here that permits ${keys}.`,

  storage: 'Linked storage accounts',
  storageText: 'Storage accounts of your own for some kinds of data of this workspace.',
  storageEffect: 'They are checked and remembered. Nothing is kept there yet: all data stays in Kelp.',
  storageNone: 'No storage account is linked',
  linkStorage: 'Link storage',
  removeStorage: 'The link is gone. Nothing was kept there.',
  dataKind: 'Data',
  dataKinds: {
    CustomLogs: 'Custom logs and IIS logs',
    AzureWatson: 'Crash dumps',
    Query: 'Saved queries',
    Ingestion: 'Ingestion',
    Alerts: 'Alert rules',
  } as Readonly<Record<string, string>>,
  accounts: 'Storage accounts',
  accountsHelp: 'Resource ids, a line each.',
} as const
