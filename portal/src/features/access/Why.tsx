import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '@/i18n/en/access'
import { useUrlChange, useUrlState } from '@/lib/url-state'
import { Button, Checkbox, ErrorState, Loading } from '@/ui'
import css from './access.module.css'
import { ActionBox } from './ActionBox'
import { explanationQuery, NO_CHANGES, type Changes, type Question } from './explanation'
import { PersonBox } from './PersonBox'
import { SuppositionForm, SuppositionList } from './Supposition'
import { Verdicts } from './Verdicts'

/** The server's own account of a decision: who, what, where, every role that it looked at, and what if. */
export function Why({ scope }: { readonly scope: string }) {
  const [principal] = useUrlState('who')
  const [action] = useUrlState('action')
  const [kind] = useUrlState('kind')
  const question = { scope, principal, action, isDataAction: kind === 'data' }
  return (
    <>
      <QuestionForm key={`${principal} ${action} ${kind}`} question={question} />
      {action !== '' && <Answer key={JSON.stringify(question)} question={question} />}
    </>
  )
}

function QuestionForm({ question }: { readonly question: Question }) {
  const change = useUrlChange()
  const [who, setWho] = useState(question.principal)
  const [action, setAction] = useState(question.action)
  const [isData, setData] = useState(question.isDataAction)
  return (
    <form
      className={css['question']}
      onSubmit={(event) => {
        event.preventDefault()
        change({ who, action, kind: isData ? 'data' : '' })
      }}
    >
      <PersonBox label={t.who} description={t.whoAskedHelp} value={who} onChange={setWho} allowsNames />
      <ActionBox
        label={t.action}
        scope={question.scope}
        value={action}
        onChange={(name, isKnownData) => {
          setAction(name)
          if (isKnownData !== undefined) setData(isKnownData)
        }}
      />
      <Checkbox isSelected={isData} onChange={setData}>
        {t.isData}
      </Checkbox>
      <p>
        <Button type="submit" variant="primary" isDisabled={action === ''}>
          {t.explain}
        </Button>
      </p>
    </form>
  )
}

function Answer({ question }: { readonly question: Question }) {
  const [changes, setChanges] = useState<Changes>(NO_CHANGES)
  const [isAdding, setAdding] = useState(false)
  const present = useQuery(explanationQuery(question, NO_CHANGES))
  const hasChanges = changes.without.length + changes.with.length > 0
  const { data: supposed, error } = useQuery({
    ...explanationQuery(question, changes),
    enabled: hasChanges && present.isSuccess,
  })
  if (present.error) return <ErrorState error={present.error} retry={() => void present.refetch()} />
  if (!present.data) return <Loading />
  const now = present.data
  return (
    <>
      <SuppositionList changes={changes} now={now} onChange={setChanges} />
      {hasChanges && error && <ErrorState error={error} />}
      <Verdicts
        now={now}
        supposed={hasChanges && !error ? supposed?.supposed : undefined}
        onRemove={(id) => setChanges({ ...changes, without: [...changes.without, id] })}
        removed={changes.without}
      />
      {isAdding ? (
        <SuppositionForm
          now={now}
          onCancel={() => setAdding(false)}
          onAdd={(grant) => {
            setAdding(false)
            setChanges({ ...changes, with: [...changes.with, grant] })
          }}
        />
      ) : (
        <p>
          <Button onPress={() => setAdding(true)}>{t.supposeMore}</Button>
        </p>
      )}
    </>
  )
}
