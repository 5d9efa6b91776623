import { lazy, Suspense } from 'react'
import { t } from '@/i18n/en/access'
import { Dialog, Loading } from '@/ui'
import { placeName } from './places'

const GiveForm = lazy(() => import('./GiveForm').then(({ GiveForm: part }) => ({ default: part })))

interface Props {
  readonly scope: string
  readonly isOpen: boolean
  readonly onClose: () => void
}

/** Gives somebody a role. */
export function GiveDialog({ scope, isOpen, onClose }: Props) {
  return (
    <Dialog title={t.giveAt(placeName(scope))} isOpen={isOpen} onClose={onClose} size="wide">
      <Suspense fallback={<Loading />}>
        <GiveForm scope={scope} onClose={onClose} />
      </Suspense>
    </Dialog>
  )
}
