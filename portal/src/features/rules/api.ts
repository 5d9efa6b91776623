import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { armDelete, armList, armPut, type Resource } from '@/api/arm'
import { request } from '@/api/client'
import type { RecordColumn } from '@/lib/record-columns'

const VERSION = '2023-03-11'
const TYPE = 'providers/Microsoft.Insights/dataCollectionRules'

export interface DataFlow {
  readonly streams: readonly string[]
  readonly destinations: readonly string[]
  readonly transformKql?: string
  readonly outputStream?: string
}

export type Rule = Resource<{
  readonly immutableId: string
  readonly endpoints?: { readonly logsIngestion?: string }
  readonly streamDeclarations?: Readonly<Record<string, { readonly columns: readonly RecordColumn[] }>>
  readonly destinations: {
    readonly logAnalytics?: readonly { readonly workspaceResourceId: string; readonly name: string }[]
  }
  readonly dataFlows: readonly DataFlow[]
}>

/** Rules of the workspace's subscription that lead to the workspace. */
export function rulesQuery(workspace: string) {
  const subscription = workspace.split('/').slice(0, 3).join('/')
  return queryOptions({
    queryKey: ['rules', workspace],
    queryFn: async ({ signal }) => {
      const rules = await armList<Rule>(`${subscription}/${TYPE}`, VERSION, signal)
      return rules.filter((rule) =>
        rule.properties.destinations.logAnalytics?.some(
          (one) => one.workspaceResourceId.toLowerCase() === workspace.toLowerCase(),
        ),
      )
    },
    enabled: workspace !== '',
  })
}

export interface NewRule {
  /** The workspace's resource id; the rule is made in its group and location. */
  readonly workspace: string
  readonly location: string
  readonly name: string
  readonly table: string
  readonly columns: readonly RecordColumn[]
  readonly transformKql: string
}

export function createRule({
  workspace,
  location,
  name,
  table,
  columns,
  transformKql,
}: NewRule): Promise<Rule> {
  const group = workspace.split('/').slice(0, 5).join('/')
  const stream = `Custom-${table.replace(/_CL$/, '')}`
  const output = table.endsWith('_CL') ? `Custom-${table}` : `Microsoft-${table}`
  return armPut<Rule>(`${group}/${TYPE}/${encodeURIComponent(name)}`, VERSION, {
    location,
    kind: 'Direct',
    properties: {
      streamDeclarations: { [stream]: { columns } },
      destinations: { logAnalytics: [{ workspaceResourceId: workspace, name: 'workspace' }] },
      dataFlows: [
        {
          streams: [stream],
          destinations: ['workspace'],
          outputStream: output,
          ...(transformKql.trim() === '' ? {} : { transformKql }),
        },
      ],
    },
  })
}

/** The rule with another transformation of its flow `index`. */
export function changeTransformation(rule: Rule, index: number, transformKql: string): Promise<Rule> {
  const { streamDeclarations, destinations, dataFlows } = rule.properties
  const flows = dataFlows.map((flow, place) => (place === index ? { ...flow, transformKql } : flow))
  const document = {
    location: rule.location,
    kind: (rule as { kind?: string }).kind,
    tags: rule.tags,
    properties: { ...rule.properties, streamDeclarations, destinations, dataFlows: flows },
  }
  return armPut<Rule>(rule.id, VERSION, document, { etag: rule.etag })
}

export function deleteRule(rule: Rule): Promise<void> {
  return armDelete(rule.id, VERSION)
}

export interface Trial {
  readonly columns: readonly RecordColumn[]
  readonly rows: readonly (readonly unknown[])[]
  readonly problems: readonly { readonly record?: number; readonly message: string }[]
  readonly diagnostics: readonly { readonly message: string; readonly severity: string }[]
  readonly table?: {
    readonly missing: readonly RecordColumn[]
    readonly extra: readonly RecordColumn[]
    readonly different: readonly (RecordColumn & { readonly tableType: string })[]
  } | null
}

export interface TrialRequest {
  readonly transformKql: string
  readonly columns: readonly RecordColumn[]
  readonly records: readonly unknown[]
  readonly workspace: string | null
  readonly table: string
}

/** What the transformation makes of the records; nothing is stored. */
export function trialQuery(trial: TrialRequest | null) {
  return queryOptions({
    queryKey: ['rules', 'trial', trial],
    queryFn: ({ signal }) => request<Trial>('POST', '/portal/api/rules/test', { body: trial, signal }),
    enabled: trial !== null,
    placeholderData: keepPreviousData,
    retry: false,
  })
}
