import { queryOptions } from '@tanstack/react-query'
import { ask, type Given } from '@/api/ask'

export type OwnSession = Given<'GET /portal/api/me/sessions'>['value'][number]

/** `address` is the `otpauth:` address that the QR code holds. */
export type Enrolment = Given<'POST /portal/api/me/totp'>

export const sessionsQuery = queryOptions({
  queryKey: ['me', 'sessions'],
  queryFn: async ({ signal }) => {
    const { value } = await ask('GET /portal/api/me/sessions', { signal })
    return value
  },
})

export const factorQuery = queryOptions({
  queryKey: ['me', 'totp'],
  queryFn: ({ signal }) => ask('GET /portal/api/me/totp', { signal }),
})

export function endSession(id: string): Promise<void> {
  return ask('DELETE /portal/api/me/sessions/{session}', { names: { session: id } })
}

export function changePassword(currentPassword: string, newPassword: string): Promise<void> {
  return ask('POST /portal/api/me/password', { body: { currentPassword, newPassword } })
}

export function enrol(currentPassword: string): Promise<Enrolment> {
  return ask('POST /portal/api/me/totp', { body: { currentPassword } })
}

export async function confirmEnrolment(code: string): Promise<readonly string[]> {
  const { recoveryCodes } = await ask('POST /portal/api/me/totp/confirm', { body: { code } })
  return recoveryCodes
}

export function removeFactor(code: string): Promise<void> {
  return ask('POST /portal/api/me/totp/remove', { body: { code } })
}
