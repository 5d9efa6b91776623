import { WORKSPACE_WRITE, type Workspace } from '@/api/workspaces'
import { useMay } from '@/app/may'
import { t } from '@/i18n/en/settings'
import { KeyValues, NumberField, Switch, TextArea, Time } from '@/ui'
import { ChangeForm, printValue } from './ChangeForm'
import { printTags, tagsOf, type Values } from './changes'
import { Locks } from './Locks'
import css from './settings.module.css'

const FEATURES = [
  'enableLogAccessUsingOnlyResourcePermissions',
  'disableLocalAuth',
  'immediatePurgeDataOn30Days',
] as const

function readSettings({ properties, tags = {} }: Workspace): Values {
  const features = FEATURES.map((name) => [`properties.features.${name}`, properties.features[name] === true])
  return {
    'properties.retentionInDays': properties.retentionInDays,
    'properties.workspaceCapping.dailyQuotaGb': properties.workspaceCapping.dailyQuotaGb,
    ...(Object.fromEntries(features) as Values),
    tags,
  }
}

function collectSettings(form: FormData): Values {
  const quota = String(form.get('dailyQuotaGb'))
  const features = FEATURES.map((name) => [`properties.features.${name}`, form.has(name)])
  return {
    'properties.retentionInDays': Number(form.get('retentionInDays')),
    'properties.workspaceCapping.dailyQuotaGb': quota === '' ? -1 : Number(quota),
    ...(Object.fromEntries(features) as Values),
    tags: tagsOf(String(form.get('tags'))),
  }
}

/** What a workspace is, and what its owner decides about it. */
export function WorkspaceTab({ workspace }: { readonly workspace: Workspace }) {
  const may = useMay(workspace.id)
  const { customerId, sku, workspaceCapping, features, createdDate } = workspace.properties
  const state = workspaceCapping.dataIngestionStatus ?? ''
  return (
    <>
      <KeyValues
        items={[
          [t.workspaceId, <code key="workspace">{customerId}</code>],
          [t.resourceId, <code key="resource">{workspace.id}</code>],
          [t.location, workspace.location ?? ''],
          [t.sku, sku.name],
          [t.created, <Time key="created" value={createdDate} />],
          [t.capState, t.capStates[state] ?? state],
          [t.capReset, <Time key="reset" value={workspaceCapping.quotaNextResetTime} />],
          ...(features.clusterResourceId ? ([[t.cluster, features.clusterResourceId]] as const) : []),
        ]}
      />
      <section className={css['part']} aria-label={t.decided}>
        <h2>{t.decided}</h2>
        {may(WORKSPACE_WRITE) ? (
          <ChangeForm workspace={workspace} read={readSettings} collect={collectSettings}>
            {(base) => <Fields workspace={base} />}
          </ChangeForm>
        ) : (
          <Shown values={readSettings(workspace)} />
        )}
        <p className={css['note']}>{t.whoMay(WORKSPACE_WRITE)}</p>
      </section>
      <Locks workspace={workspace} />
    </>
  )
}

/** The settings for somebody who may not change them. */
export function Shown({ values }: { readonly values: Values }) {
  return (
    <KeyValues
      items={Object.entries(values).map(
        ([path, value]) => [t.members[path] ?? path, printValue(value)] as const,
      )}
    />
  )
}

function Fields({ workspace }: { readonly workspace: Workspace }) {
  const { retentionInDays, workspaceCapping, features } = workspace.properties
  return (
    <>
      <NumberField
        label={t.retention}
        description={t.retentionHelp}
        name="retentionInDays"
        defaultValue={retentionInDays}
        formatOptions={{ useGrouping: false }}
        isRequired
      />
      <NumberField
        label={t.cap}
        description={t.capHelp}
        name="dailyQuotaGb"
        minValue={0}
        formatOptions={{ maximumFractionDigits: 6, useGrouping: false }}
        {...(workspaceCapping.dailyQuotaGb < 0 ? {} : { defaultValue: workspaceCapping.dailyQuotaGb })}
      />
      {FEATURES.map((name) => (
        <Switch
          key={name}
          name={name}
          defaultSelected={features[name] === true}
          description={t.effects[name]}
        >
          {t.features[name]}
        </Switch>
      ))}
      <TextArea
        label={t.tags}
        description={t.tagsHelp}
        name="tags"
        rows={3}
        isCode
        defaultValue={printTags(workspace.tags ?? {})}
      />
    </>
  )
}
