import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { refresh } from '@/api/refresh'
import { t } from '@/i18n/en/onboarding'
import { Button, Dialog } from '@/ui'
import type { Onboarded, OnboardingPlan } from './api'
import { EMPTY, type Draft } from './draft'
import { Foreseen } from './Foreseen'
import { forgetJob, startJob, useJob } from './job'
import { PlanForm } from './PlanForm'
import { Progress } from './Progress'

interface Props {
  /** What the form begins with. */
  readonly initial: Draft
  readonly isOpen: boolean
  readonly onClose: () => void
}

interface Answer {
  readonly plan: OnboardingPlan
  readonly found: readonly Onboarded[]
}

/** Onboards many customers in three steps: whom and how, what will be made, how far it is. */
export function OnboardDialog({ initial, isOpen, onClose }: Props) {
  const [draft, setDraft] = useState(initial)
  const [answer, setAnswer] = useState<Answer | null>(null)
  const hasJob = useJob((job) => job.plan !== null)
  useRefreshedList()

  function start({ plan, found }: Answer) {
    setAnswer(null)
    setDraft(EMPTY)
    void startJob(
      plan,
      found.flatMap((one) => (one.state === 'Planned' && one.customer ? [one.customer] : [])),
    )
  }

  return (
    <Dialog
      title={t.title}
      isOpen={isOpen}
      onClose={onClose}
      size="wide"
      actions={
        hasJob ? (
          <JobActions onClose={onClose} />
        ) : (
          answer && <AnswerActions answer={answer} onBack={() => setAnswer(null)} onStart={start} />
        )
      }
    >
      {hasJob ? (
        <Progress />
      ) : answer ? (
        <Foreseen found={answer.found} />
      ) : (
        <PlanForm
          draft={draft}
          onChange={setDraft}
          onForeseen={(plan, found) => setAnswer({ plan, found })}
          onCancel={onClose}
        />
      )}
    </Dialog>
  )
}

interface AnswerProps {
  readonly answer: Answer
  readonly onBack: () => void
  readonly onStart: (answer: Answer) => void
}

function AnswerActions({ answer, onBack, onStart }: AnswerProps) {
  const count = answer.found.filter((one) => one.state === 'Planned').length
  return (
    <>
      <Button onPress={onBack}>{t.back}</Button>
      <Button variant="primary" isDisabled={count === 0} onPress={() => onStart(answer)}>
        {t.start(count)}
      </Button>
    </>
  )
}

function JobActions({ onClose }: { readonly onClose: () => void }) {
  const isRunning = useJob((job) => job.isRunning)
  return (
    <>
      <Button isDisabled={isRunning} onPress={forgetJob}>
        {t.others}
      </Button>
      <Button variant="primary" onPress={onClose}>
        {t.close}
      </Button>
    </>
  )
}

/** The list behind shows the new customers when the work has ended. */
function useRefreshedList() {
  const client = useQueryClient()
  const isRunning = useJob((job) => job.isRunning)
  useEffect(() => {
    if (!isRunning) void refresh(client, ['customers'])
  }, [client, isRunning])
}
