import { useQueryClient } from '@tanstack/react-query'
import { Save } from 'lucide-react'
import { useState } from 'react'
import { ApiError } from '@/api/client'
import { refresh } from '@/api/refresh'
import { t } from '@/i18n/en/logs'
import { Button } from '@/ui/Button'
import { Dialog } from '@/ui/Dialog'
import { DiffView } from '@/ui/DiffView'
import { toast } from '@/ui/toast'
import { titleOf, type Tab } from '../tabs/tab'
import type { SavedSearch } from './api'
import { openSaved, saveTab, useSave } from './saving'
import { SaveForm } from './SaveForm'

interface SaveButtonProps {
  readonly tab: Tab
  readonly workspaceResourceId: string | undefined
}

export function SaveButton({ tab, workspaceResourceId }: SaveButtonProps) {
  const { isOpen, setOpen, conflict, setConflict } = useSave()
  const client = useQueryClient()
  const [isSaving, setSaving] = useState(false)

  async function save(overwriting?: SavedSearch) {
    setSaving(true)
    try {
      await saveTab(tab, overwriting)
      await refresh(client, ['saved'])
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure
      // What was saved is gone: it is saved anew.
      if (failure.status === 404) setOpen(true)
      else toast({ title: failure.message, tone: 'danger' })
    } finally {
      setSaving(false)
    }
  }

  return (
    <>
      <Button
        icon={<Save aria-hidden />}
        isPending={isSaving}
        isDisabled={tab.text.trim() === '' || !workspaceResourceId}
        onPress={() => void save()}
      >
        {t.saved.save}
      </Button>
      <Dialog title={t.saved.saveAs} isOpen={isOpen} onClose={() => setOpen(false)}>
        {workspaceResourceId && (
          <SaveForm
            tab={tab}
            title={titleOf(tab)}
            workspaceId={workspaceResourceId}
            onClose={() => setOpen(false)}
          />
        )}
      </Dialog>
      {conflict && (
        <Dialog
          title={t.saved.conflict}
          size="wide"
          isOpen
          onClose={() => setConflict(null)}
          actions={<ConflictActions conflict={conflict} onOverwrite={() => void save(conflict)} />}
        >
          <p>{t.saved.conflictText}</p>
          <DiffView
            before={conflict.properties.query}
            after={tab.text}
            beforeLabel={t.saved.theirs}
            afterLabel={t.saved.yours}
          />
        </Dialog>
      )}
    </>
  )
}

function ConflictActions({
  conflict,
  onOverwrite,
}: {
  readonly conflict: SavedSearch
  readonly onOverwrite: () => void
}) {
  return (
    <>
      <Button
        onPress={() => {
          openSaved(conflict)
          useSave.getState().setConflict(null)
        }}
      >
        {t.saved.openTheirs}
      </Button>
      <Button variant="danger" onPress={onOverwrite}>
        {t.saved.overwrite}
      </Button>
    </>
  )
}
