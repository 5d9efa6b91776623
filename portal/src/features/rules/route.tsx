import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useScope } from '@/app/scope'
import { useWorkspace } from '@/app/scopes'
import { useSession } from '@/app/session'
import { t } from '@/i18n/en/rules'
import { Button, EmptyState, ListPage, type ListColumn } from '@/ui'
import { CreateDialog } from './CreateDialog'
import { RuleDetails, tableOf } from './RuleDetails'
import { rulesQuery, type Rule } from './api'

const COLUMNS: readonly ListColumn<Rule>[] = [
  { id: 'name', label: t.name, value: (rule) => rule.name },
  {
    id: 'streams',
    label: t.streams,
    value: (rule) => [...new Set(rule.properties.dataFlows.flatMap((flow) => flow.streams))].join(', '),
  },
  {
    id: 'tables',
    label: t.tables,
    value: (rule) => [...new Set(rule.properties.dataFlows.map(tableOf))].join(', '),
  },
  {
    id: 'transformation',
    label: t.transformation,
    grow: 2,
    value: (rule) =>
      rule.properties.dataFlows
        .map((flow) => flow.transformKql)
        .filter(Boolean)
        .join('; ') || t.unchanged,
  },
]

/** The data collection rules that lead to a workspace. */
export function Rules() {
  const { permissions } = useSession()
  const { workspace } = useScope()
  const scope = useWorkspace()
  const id = scope.data?.id ?? ''
  const rules = useQuery(rulesQuery(id))
  const [isCreating, setCreating] = useState(false)

  return (
    <ListPage
      title={t.rules}
      description={t.description}
      columns={COLUMNS}
      rows={rules.data}
      rowKey={(rule) => rule.name}
      error={scope.error ?? rules.error}
      retry={() => void rules.refetch()}
      empty={<EmptyState title={t.none} text={t.noneText} />}
      actions={
        permissions.write && (
          <Button variant="primary" onPress={() => setCreating(true)}>
            {t.create}
          </Button>
        )
      }
      panel={(rule, close) => ({
        title: rule.name,
        size: 'wide',
        content: (
          <RuleDetails rule={rule} workspace={workspace} canWrite={permissions.write} onDeleted={close} />
        ),
      })}
    >
      <CreateDialog
        resource={id}
        location={scope.data?.location ?? ''}
        workspace={workspace}
        isOpen={isCreating}
        onClose={() => setCreating(false)}
      />
    </ListPage>
  )
}
