import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '@/i18n/en/activity'
import { formatCount } from '@/lib/format'
import { Button, CodeBlock, Dialog, ErrorState, KeyValues, Status, Time, type Tone } from '@/ui'
import { chainQuery, verifyChain, type Chain } from './api'

function wordsOf(chain: Chain | undefined, hasFailed: boolean): { tone: Tone; word: string } {
  if (hasFailed) return { tone: 'warning', word: t.chainUnknown }
  if (!chain) return { tone: 'none', word: t.chainChecking }
  if (!chain.broken) return { tone: 'ok', word: t.chainWhole }
  return { tone: 'danger', word: t.chainBroken(chain.broken.sequence) }
}

/** Whether nobody touched the records; pressed, what was checked, and checking it again. */
export function ChainBadge() {
  const client = useQueryClient()
  const [isOpen, setOpen] = useState(false)
  const chain = useQuery(chainQuery)
  const again = useMutation({
    mutationFn: () => verifyChain(true),
    onSuccess: (found) => client.setQueryData(chainQuery.queryKey, found),
  })
  const error = again.error ?? chain.error
  return (
    <>
      <Button size="small" onPress={() => setOpen(true)}>
        <Status {...wordsOf(chain.data, chain.error !== null)} />
      </Button>
      <Dialog
        title={t.chain}
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        actions={
          <Button isPending={again.isPending} onPress={() => again.mutate()}>
            {t.chainAgain}
          </Button>
        }
      >
        {error && <ErrorState error={error} />}
        {chain.data && <ChainFacts chain={chain.data} />}
        <p>{t.chainText}</p>
      </Dialog>
    </>
  )
}

/** The end of the chain as `kelp audit verify --head` reads it. */
function headText(chain: Chain): string {
  return JSON.stringify({ sequence: chain.records, digest: chain.headDigest })
}

function ChainFacts({ chain }: { readonly chain: Chain }) {
  return (
    <>
      <Status {...wordsOf(chain, false)} />
      {chain.broken && <p>{t.chainReason(formatCount(chain.broken.sequence), chain.broken.reason)}</p>}
      <KeyValues
        items={[
          [t.chainChecked, <Time key="at" value={chain.checkedAt} />],
          [t.chainRecords, formatCount(chain.records)],
        ]}
      />
      <CodeBlock label={t.chainHead} code={headText(chain)} isWrapped />
    </>
  )
}
