import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { lastSeenAt, noteSeen } from '@/api/client'
import { t } from '@/i18n/en/shell'
import { formatSeconds } from '@/lib/time'
import { Button, Dialog } from '@/ui'
import { askSession, leaveToSignIn, sessionQuery, signOut, useSession } from '../session'

/** Seconds before the end at which the page asks whether anybody is there. */
const WARNING_SECONDS = 120

/**
 * Counts down before the session ends by itself. What a page asks in the background doesn't keep a session alive, and
 * neither does this look; the button does.
 */
export function IdleWarning() {
  const { idleSeconds } = useSession()
  const client = useQueryClient()
  const [left, setLeft] = useState(idleSeconds)
  useEffect(() => {
    const timer = setInterval(() => setLeft(idleSeconds - (Date.now() - lastSeenAt()) / 1000), 1000)
    return () => clearInterval(timer)
  }, [idleSeconds])

  const isOver = left <= 0
  useEffect(() => {
    if (!isOver) return
    void askWhetherSignedIn().then((isSignedIn) => {
      // Somebody used the session in a way that this page saw nothing of.
      if (isSignedIn) noteSeen()
      else leaveToSignIn()
    })
  }, [isOver])

  async function stay() {
    await client.fetchQuery({ ...sessionQuery, staleTime: 0 })
    setLeft(idleSeconds)
  }

  const isShown = left < WARNING_SECONDS
  return (
    <Dialog
      isAlert
      title={t.idleTitle}
      isOpen={isShown}
      onClose={() => void stay()}
      actions={
        <>
          <Button onPress={() => void signOut()}>{t.signOut}</Button>
          <Button variant="primary" autoFocus onPress={() => void stay()}>
            {t.stay}
          </Button>
        </>
      }
    >
      <p role="timer">{t.idleText(formatSeconds(Math.max(0, Math.ceil(left))))}</p>
    </Dialog>
  )
}

/** Asks the server without keeping the session; where it doesn't answer, nobody is signed out for that. */
async function askWhetherSignedIn(): Promise<boolean> {
  try {
    return (await askSession({ isBackground: true })).signedIn
  } catch {
    return true
  }
}
