/** What a dashboard was before: who kept which version when, how it differs, and the way back to it. */

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError } from '@/api/client'
import { refresh } from '@/api/refresh'
import { t } from '@/i18n/en/dash'
import { useTimeZone } from '@/lib/preferences'
import { formatTime } from '@/lib/time'
import { Button, Dialog, DiffView, ErrorState, Loading, RadioGroup, toast, type Option } from '@/ui'
import css from './dash.module.css'
import {
  listRevisions,
  readRevision,
  readWorkbook,
  refreshLists,
  restoreRevision,
  type Workbook,
} from './storage'
import type { Opened } from './use-opened'

interface Props {
  readonly opened: Opened
  readonly onClose: () => void
}

export function RevisionsDialog({ opened, onClose }: Props) {
  const client = useQueryClient()
  const timeZone = useTimeZone()
  const { resourceId, etag, canSave } = opened
  const [chosen, setChosen] = useState<string | null>(null)
  const [failure, setFailure] = useState<unknown>(null)
  const key = ['dash', 'revisions', resourceId] as const
  const list = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => listRevisions(resourceId, signal),
    staleTime: 0,
  })
  const present = list.data?.[0]
  const revision = list.data?.find(({ properties }) => properties.revision === chosen) ?? list.data?.[1]
  const name = revision?.properties.revision ?? ''
  const texts = useQuery({
    queryKey: [...key, name, present?.properties.revision],
    queryFn: async ({ signal }) => ({
      before: textOf(await readRevision(resourceId, name, signal)),
      now: textOf(await readWorkbook(resourceId, signal)),
    }),
    enabled: name !== '',
  })

  async function restore() {
    setFailure(null)
    try {
      await restoreRevision(resourceId, name, etag)
      await Promise.all([refreshLists(client), refresh(client, ['dash', 'opened'])])
      toast(t.restored)
      onClose()
    } catch (problem) {
      setFailure(problem)
    }
  }

  const error = failure ?? list.error ?? texts.error
  const isConflict = error instanceof ApiError && error.status === 412
  return (
    <Dialog
      title={t.revisionsOf(opened.dashboard.title)}
      isOpen
      onClose={onClose}
      size="full"
      actions={
        <Button
          variant="primary"
          isDisabled={!canSave || !texts.data || revision === present}
          onPress={() => void restore()}
        >
          {t.restore}
        </Button>
      }
    >
      {isConflict ? <p role="alert">{t.restoreConflict}</p> : error ? <ErrorState error={error} /> : null}
      {list.isPending ? (
        <Loading />
      ) : !revision || !present ? (
        <p>{t.noRevisions}</p>
      ) : (
        <div className={css['revisions']}>
          <RadioGroup
            label={t.revision}
            items={(list.data ?? []).map((each) => optionOf(each, each === present, timeZone))}
            value={name}
            onChange={setChosen}
          />
          {texts.data ? (
            <DiffView
              before={texts.data.before}
              after={texts.data.now}
              beforeLabel={t.revisionThen}
              afterLabel={t.revisionNow}
            />
          ) : (
            <Loading />
          )}
        </div>
      )}
    </Dialog>
  )
}

function optionOf({ properties }: Workbook, isPresent: boolean, timeZone: string): Option {
  const { revision = '', timeModified = '', userId = '', displayName } = properties
  const at = formatTime(new Date(timeModified), timeZone)
  return {
    id: revision,
    label: isPresent ? t.presentRevision(at) : at,
    description: `${userId}: ${displayName}`,
  }
}

/** The document line by line, so that what differs can be told. */
function textOf({ properties }: Workbook): string {
  const text = properties.serializedData ?? ''
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
