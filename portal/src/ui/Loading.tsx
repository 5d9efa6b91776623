import { LoaderCircle } from 'lucide-react'
import { t } from '@/i18n/en/ui'
import css from './State.module.css'

export function Loading({ label = t.loading }: { readonly label?: string }) {
  return (
    <div className={css['loading']} role="status">
      <LoaderCircle aria-hidden />
      {label}
    </div>
  )
}
