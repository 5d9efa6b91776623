import { t } from '@/i18n/en/onboarding'
import { Button, ProgressBar, saveFile, Status, type Tone } from '@/ui'
import css from '../customers.module.css'
import { goOn, secretsText, useJob, type Entry } from './job'
import { StepList } from './StepList'

const TONES: Readonly<Record<Entry['state'], Tone>> = {
  waiting: 'none',
  working: 'info',
  done: 'ok',
  failed: 'danger',
}

/** How far the onboarding is, customer by customer; what failed can be tried again, what was made be saved. */
export function Progress() {
  const { entries, isRunning } = useJob()
  const count = (state: Entry['state']) => entries.filter((entry) => entry.state === state).length
  const [done, failed] = [count('done'), count('failed')]
  const secrets = secretsText(entries)
  return (
    <>
      <ProgressBar
        label={t.progress}
        value={(100 * (done + failed)) / entries.length}
        valueLabel={t.progressText(done, failed, entries.length)}
      />
      {isRunning && <p>{t.goesOn}</p>}
      {secrets !== null && (
        <p className={css['bar']}>
          <span>{t.secretsText}</span>
          <Button
            size="small"
            onPress={() => saveFile(t.secretsFile, new Blob([secrets], { type: 'application/json' }))}
          >
            {t.secrets}
          </Button>
        </p>
      )}
      {!isRunning && failed + count('waiting') > 0 && (
        <p>
          <Button variant="primary" onPress={() => void goOn()}>
            {failed > 0 ? t.retry : t.goOn}
          </Button>
        </p>
      )}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard */}
      <div className={css['scroll']} role="region" aria-label={t.progress} tabIndex={0}>
        <table className={css['table']}>
          <thead>
            <tr>
              <th scope="col">{t.customer}</th>
              <th scope="col">{t.state}</th>
              <th scope="col">{t.what}</th>
            </tr>
          </thead>
          <tbody>
            {entries.map((entry) => (
              <EntryRow key={entry.customer.name} entry={entry} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}

function EntryRow({ entry }: { readonly entry: Entry }) {
  return (
    <tr>
      <th scope="row">{entry.customer.name}</th>
      <td>
        <Status tone={TONES[entry.state]} word={t.states[entry.state]} />
      </td>
      <td>
        {entry.problem ?? ''}
        <StepList steps={entry.steps} areDone />
      </td>
    </tr>
  )
}
