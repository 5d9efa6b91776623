import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { refresh } from '@/api/refresh'
import { t } from '@/i18n/en/rules'
import { CodeBlock, ConfirmButton, Form, KeyValues, toast } from '@/ui'
import { changeTransformation, deleteRule, type DataFlow, type Rule } from './api'
import { TestBench } from './TestBench'

interface Props {
  readonly rule: Rule
  readonly workspace: string | null
  readonly canWrite: boolean
  readonly onDeleted: () => void
}

/** One rule: how records are sent by it, and what each of its flows makes of them. */
export function RuleDetails({ rule, workspace, canWrite, onDeleted }: Props) {
  const { immutableId, endpoints, dataFlows } = rule.properties
  const endpoint = endpoints?.logsIngestion ?? window.location.origin
  const stream = dataFlows[0]?.streams[0] ?? ''
  return (
    <>
      <KeyValues
        items={[
          [t.immutableId, <code key="id">{immutableId}</code>],
          [t.endpoint, <code key="endpoint">{endpoint}</code>],
          [t.location, rule.location ?? ''],
        ]}
      />
      <h3>{t.send}</h3>
      <p>{t.sendText}</p>
      <CodeBlock
        label={t.send}
        isWrapped
        code={`curl -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" -d @records.json "${endpoint}/dataCollectionRules/${immutableId}/streams/${stream}?api-version=2023-01-01"`}
      />
      {dataFlows.map((flow, index) => (
        <Flow
          key={`${rule.etag} ${flow.streams.join(' ')}`}
          {...{ rule, flow, index, workspace, canWrite }}
        />
      ))}
      {canWrite && <Deletion rule={rule} onDeleted={onDeleted} />}
    </>
  )
}

interface FlowProps {
  readonly rule: Rule
  readonly flow: DataFlow
  readonly index: number
  readonly workspace: string | null
  readonly canWrite: boolean
}

function Flow({ rule, flow, index, workspace, canWrite }: FlowProps) {
  const client = useQueryClient()
  const [kql, setKql] = useState(flow.transformKql ?? '')
  const stream = flow.streams[0] ?? ''
  const table = tableOf(flow)

  async function save() {
    await changeTransformation(rule, index, kql)
    await refresh(client, ['rules'])
    toast(t.saved)
  }

  return (
    <section aria-label={`${stream} → ${table}`}>
      <h3>{`${flow.streams.join(', ')} → ${table}`}</h3>
      <TestBench
        workspace={workspace}
        table={table}
        columns={rule.properties.streamDeclarations?.[stream]?.columns}
        kql={kql}
        onKql={setKql}
      />
      {canWrite && (
        <Form onSubmit={save} submitLabel={t.save} isDisabled={kql === (flow.transformKql ?? '')}>
          {null}
        </Form>
      )}
    </section>
  )
}

/** The table that a flow leads to, by the name of its output. */
export function tableOf(flow: DataFlow): string {
  return (flow.outputStream ?? flow.streams[0] ?? '').replace(/^(Custom|Microsoft)-/, '')
}

function Deletion({ rule, onDeleted }: { readonly rule: Rule; readonly onDeleted: () => void }) {
  const client = useQueryClient()

  async function remove() {
    await deleteRule(rule)
    toast(t.removed(rule.name))
    onDeleted()
    await refresh(client, ['rules'])
  }

  return (
    <ConfirmButton
      label={t.remove}
      variant="danger"
      title={t.removeTitle(rule.name)}
      onConfirm={remove}
      name={rule.name}
    >
      <p>{t.removeText}</p>
    </ConfirmButton>
  )
}
