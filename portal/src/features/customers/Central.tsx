import { t } from '@/i18n/en/customers'
import { CentralKeys } from './CentralKeys'
import { CentralReader } from './CentralReader'
import { CentralSettings } from './CentralSettings'
import { Removal } from './Removal'

interface Props {
  readonly resourceId: string
  readonly name: string
  readonly onRemoved: () => void
}

/** What can be done about a customer of a workspace of one's own. */
export function Central({ resourceId, name, onRemoved }: Props) {
  return (
    <>
      <section aria-label={t.settings}>
        <h3>{t.settings}</h3>
        <CentralSettings resourceId={resourceId} />
      </section>
      <CentralKeys key={resourceId} resourceId={resourceId} />
      <CentralReader resourceId={resourceId} />
      <section aria-label={t.end}>
        <h3>{t.end}</h3>
        <Removal resourceId={resourceId} name={name} onRemoved={onRemoved} />
      </section>
    </>
  )
}
