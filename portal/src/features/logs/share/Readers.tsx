import { useQuery } from '@tanstack/react-query'
import { X } from 'lucide-react'
import { useState } from 'react'
import { principalsQuery, type Principal } from '@/api/principals'
import { t } from '@/i18n/en/results'
import { useSettled } from '@/lib/use-settled'
import { Button } from '@/ui/Button'
import { ErrorState } from '@/ui/ErrorState'
import { IconButton } from '@/ui/IconButton'
import { Status } from '@/ui/Status'
import { TextField } from '@/ui/TextField'
import { readersQuery } from '../access/api'
import styles from './share.module.css'
import { verdictOf } from './verdict'

const MOST_PEOPLE = 20
const MOST_FOUND = 6

interface ReadersProps {
  readonly workspaces: readonly string[]
  readonly query: string
}

/** People who are to open a link, and for each whether they may read what its query asks for. */
export function Readers({ workspaces, query }: ReadersProps) {
  const [people, setPeople] = useState<readonly Principal[]>([])
  const ids = people.map((one) => one.id)
  const readers = useQuery({ ...readersQuery(workspaces, query, ids), enabled: ids.length > 0 })
  return (
    <div className={styles['readers']}>
      {people.length < MOST_PEOPLE && (
        <PersonSearch onChoose={(one) => setPeople([...people.filter(({ id }) => id !== one.id), one])} />
      )}
      {readers.error && <ErrorState error={readers.error} retry={() => void readers.refetch()} />}
      {people.length > 0 && (
        <ul aria-label={t.readers} className={styles['people']}>
          {people.map((person) => {
            const verdict = verdictOf(readers.data?.find(({ id }) => id === person.id))
            return (
              <li key={person.id}>
                <span>{person.name}</span>
                {verdict && <Status {...verdict} />}
                <IconButton
                  size="small"
                  label={t.forget(person.name)}
                  icon={<X aria-hidden />}
                  onPress={() => setPeople(people.filter(({ id }) => id !== person.id))}
                />
              </li>
            )
          })}
        </ul>
      )}
    </div>
  )
}

function PersonSearch({ onChoose }: { readonly onChoose: (person: Principal) => void }) {
  const [typed, setTyped] = useState('')
  const search = useSettled(typed.trim(), 200)
  const found = useQuery({ ...principalsQuery(search), enabled: search !== '' })
  const people = (found.data ?? []).filter(({ kind }) => kind !== 'application').slice(0, MOST_FOUND)
  return (
    <>
      <TextField label={t.nameReaders} description={t.nameReadersHint} value={typed} onChange={setTyped} />
      {found.error && <ErrorState error={found.error} />}
      {typed !== '' && people.length > 0 && (
        <div className={styles['found']}>
          {people.map((person) => (
            <Button
              key={person.id}
              size="small"
              onPress={() => {
                onChoose(person)
                setTyped('')
              }}
            >
              {t.addReader(person.name, person.signInName)}
            </Button>
          ))}
        </div>
      )}
    </>
  )
}
