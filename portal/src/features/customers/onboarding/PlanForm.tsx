import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { principalsQuery } from '@/api/principals'
import { workspacesQuery } from '@/app/scopes'
import { t } from '@/i18n/en/onboarding'
import { ComboBox, Form, RadioGroup, Select, TextArea, TextField } from '@/ui'
import css from '../customers.module.css'
import { foresee, type Architecture, type Onboarded, type OnboardingPlan } from './api'
import { EMPTY, planOf, type Draft } from './draft'

interface Props {
  readonly draft: Draft
  readonly onChange: (draft: Draft) => void
  readonly onForeseen: (plan: OnboardingPlan, found: readonly Onboarded[]) => void
  readonly onCancel: () => void
}

const ARCHITECTURES: readonly Architecture[] = ['central', 'distributed', 'hybrid']

/** How to onboard, and whom; the server checks all of it before anything is made. */
export function PlanForm({ draft, onChange, onForeseen, onCancel }: Props) {
  const set = (changes: Partial<Draft>) => onChange({ ...draft, ...changes })
  const { architecture } = draft

  async function check() {
    const plan = planOf(draft)
    onForeseen(plan, await foresee(plan, draft.list))
  }

  return (
    <Form onSubmit={check} submitLabel={t.check} onCancel={onCancel}>
      <RadioGroup
        label={t.architecture}
        items={ARCHITECTURES.map((id) => ({
          id,
          label: t.architectures[id],
          description: t.architectureHelp[id],
        }))}
        value={architecture}
        onChange={(next) => set({ architecture: next })}
      />
      {architecture !== 'distributed' && (
        <WorkspaceSelect value={draft.workspace} onChange={(workspace) => set({ workspace })} />
      )}
      {architecture !== 'central' && (
        <>
          <TextField
            label={t.suffix}
            description={t.suffixHelp}
            name="domainSuffix"
            value={draft.suffix}
            onChange={(suffix) => set({ suffix })}
            isRequired
          />
          <Manager value={draft.manager} onChange={(manager) => set({ manager })} />
        </>
      )}
      {architecture === 'hybrid' && (
        <TextField
          label={t.pulled}
          description={t.pulledHelp}
          name="pulledTables"
          value={draft.pulled}
          onChange={(pulled) => set({ pulled })}
        />
      )}
      <TextArea
        label={t.list}
        description={t.listHelp}
        name="list"
        value={draft.list}
        onChange={(list) => set({ list })}
        rows={8}
        isCode
        isRequired
      />
      <FileField label={t.openFile} accept=".csv,.txt,text/csv,text/plain" onRead={(list) => set({ list })} />
      <details className={css['more']} open={draft.template !== EMPTY.template}>
        <summary>{t.template}</summary>
        <TextArea
          label={t.template}
          description={t.templateHelp}
          name="template"
          value={draft.template}
          onChange={(template) => set({ template })}
          rows={6}
          isCode
        />
        <FileField
          label={t.openTemplate}
          accept=".json,application/json"
          onRead={(template) => set({ template })}
        />
      </details>
    </Form>
  )
}

interface FieldProps {
  readonly value: string
  readonly onChange: (value: string) => void
}

function WorkspaceSelect({ value, onChange }: FieldProps) {
  const { data = [] } = useQuery(workspacesQuery)
  const own = data.filter((item) => item.relation === 'home')
  return (
    <Select
      label={t.workspace}
      name="workspaceResourceId"
      items={own.map((item) => ({ id: item.id, label: item.name, description: item.path }))}
      value={value || null}
      onChange={onChange}
      isRequired
    />
  )
}

function Manager({ value, onChange }: FieldProps) {
  const [search, setSearch] = useState('')
  const principals = useQuery(principalsQuery(search))
  return (
    <ComboBox
      label={t.manager}
      description={t.managerHelp}
      items={(principals.data ?? []).map((one) => ({
        id: one.id,
        label: one.name,
        ...(one.signInName ? { description: one.signInName } : {}),
      }))}
      value={value || null}
      onChange={(id) => {
        onChange(id)
        setSearch(principals.data?.find((one) => one.id === id)?.name ?? search)
      }}
      inputValue={search}
      onSearch={(text) => {
        setSearch(text)
        if (text === '') onChange('')
      }}
    />
  )
}

interface FileFieldProps {
  readonly label: string
  readonly accept: string
  readonly onRead: (text: string) => void
}

function FileField({ label, accept, onRead }: FileFieldProps) {
  return (
    <label className={css['file']}>
      {label}{' '}
      <input
        type="file"
        accept={accept}
        onChange={(event) => void event.target.files?.[0]?.text().then(onRead)}
      />
    </label>
  )
}
