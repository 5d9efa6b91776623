import { t } from '@/i18n/en/onboarding'
import { Status } from '@/ui'
import css from '../customers.module.css'
import type { Onboarded } from './api'
import { StepList } from './StepList'

/** What a dry run told: of each line what will be made, or what is wrong with it. */
export function Foreseen({ found }: { readonly found: readonly Onboarded[] }) {
  const wrong = found.filter((one) => one.state === 'Failed')
  return (
    <>
      <p role="status">{t.summary(found.length - wrong.length, wrong.length)}</p>
      {wrong.length > 0 && <p>{t.faults}</p>}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard */}
      <div className={css['scroll']} role="region" aria-label={t.foreseen} tabIndex={0}>
        <table className={css['table']}>
          <thead>
            <tr>
              <th scope="col">{t.line}</th>
              <th scope="col">{t.customer}</th>
              <th scope="col">{t.what}</th>
            </tr>
          </thead>
          <tbody>
            {[...wrong, ...found.filter((one) => one.state !== 'Failed')].map((one) => (
              <tr key={one.line}>
                <td>{one.line}</td>
                <th scope="row">{one.name}</th>
                <td>
                  {one.error ? (
                    <Status tone="danger" word={one.error.message} />
                  ) : (
                    <StepList steps={one.steps ?? []} areDone={false} />
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}
