export const t = {
  title: 'Onboard customers',
  onboarding: (count: number) => (count === 1 ? 'Onboarding 1 customer' : `Onboarding ${count} customers`),
  someFailed: (failed: number, count: number) =>
    `${failed} of ${count} could not be onboarded. The page of customers says why.`,
  runsAlready: 'It goes on already.',
  putAway: 'This onboarding was put away; onboard the customers anew.',
  architecture: 'Where their records are kept',
  architectures: {
    central: 'Central: in a workspace of yours',
    distributed: 'Distributed: in a tenant of their own',
    hybrid: 'Hybrid: in a tenant of their own, and a part in a workspace of yours',
  },
  architectureHelp: {
    central:
      'Each gets keys of its own; every record bears the customer that sent it. One encryption key for all of them.',
    distributed:
      'Each gets a tenant, a first user, a subscription and a workspace with an encryption key of its own, and lets you in until it ends that.',
    hybrid:
      'As distributed; besides, records of some tables are pulled into your workspace every five minutes.',
  },
  workspace: 'Your workspace',
  suffix: 'Domain',
  suffixHelp: 'A tenant gets the domain NAME.DOMAIN unless the list names one.',
  pulled: 'Tables to pull',
  pulledHelp: 'Names with commas between them, such as Heartbeat, Usage.',
  manager: 'Who of you may manage them',
  managerHelp:
    'A group is best: you decide who is in. Empty: you alone. The role is Log Analytics Contributor.',
  list: 'Customers',
  listHelp:
    'One name a line; or CSV whose first line names its columns: name, displayName, dailyQuotaGb, retentionInDays, domain, reader (who may read that customer’s records: a user name or an object id).',
  openFile: 'Open a CSV file',
  template: 'ARM template (optional)',
  templateHelp:
    'Deployed for each customer. It may declare the parameters customerName, customerId, workspaceName and workspaceResourceId. Customers that are there already get it too.',
  openTemplate: 'Open a template',
  noTemplate: 'The template is no JSON object.',
  check: 'Check',
  back: 'Back',
  foreseen: 'What will be made',
  summary: (ready: number, wrong: number) =>
    wrong === 0 ? `${ready} ready.` : `${ready} ready, ${wrong} with a fault.`,
  faults:
    'Those with a fault are left out: go back and correct them, or onboard the others now. What is there already stays.',
  start: (count: number) => (count === 1 ? 'Onboard 1 customer' : `Onboard ${count} customers`),
  line: 'Line',
  customer: 'Customer',
  what: 'What',
  kinds: {
    tenant: 'Tenant',
    customer: 'Customer of your workspace',
    reader: 'Reader',
    pull: 'Pull of',
    template: 'Template',
  },
  changes: {
    Create: 'will be made',
    Modify: 'will be changed',
    NoChange: 'is there already',
    Deploy: 'will be deployed',
    Unsupported: 'can only be told once it is deployed',
  },
  done: {
    Create: 'made',
    Modify: 'changed',
    NoChange: 'was there already',
    Deploy: 'deployed',
    Unsupported: '',
  },
  difference: (path: string, before: string, after: string) => `${path}: ${before} → ${after}`,
  nothing: 'none',
  progress: 'Customers',
  progressText: (done: number, failed: number, count: number) =>
    failed === 0 ? `${done} of ${count}` : `${done} of ${count}, ${failed} failed`,
  state: 'State',
  states: { waiting: 'waiting', working: 'under way', done: 'onboarded', failed: 'failed' },
  retry: 'Retry the failed ones',
  goOn: 'Go on with the others',
  others: 'Onboard others',
  close: 'Close',
  goesOn: 'You may close this: it goes on, and the bell tells how far it is.',
  secrets: 'Save keys and passwords',
  secretsText:
    'Keys and first passwords are told once, and kept nowhere in readable form: save them before you leave this page.',
  secretsFile: 'customers.json',
} as const
