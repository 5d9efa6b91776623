import { queryOptions } from '@tanstack/react-query'
import { request } from '@/api/client'

export interface OwnSession {
  readonly id: string
  readonly current: boolean
  readonly createdAt: string
  readonly seenAt: string
  readonly address: string
  readonly userAgent: string
}

export interface Enrolment {
  readonly secret: string
  /** The `otpauth:` address that the QR code holds. */
  readonly address: string
}

export const sessionsQuery = queryOptions({
  queryKey: ['me', 'sessions'],
  queryFn: async ({ signal }) => {
    const { value } = await request<{ value: readonly OwnSession[] }>('GET', '/portal/api/me/sessions', {
      signal,
    })
    return value
  },
})

export const factorQuery = queryOptions({
  queryKey: ['me', 'totp'],
  queryFn: ({ signal }) => request<{ isEnrolled: boolean }>('GET', '/portal/api/me/totp', { signal }),
})

export function endSession(id: string): Promise<void> {
  return request('DELETE', `/portal/api/me/sessions/${encodeURIComponent(id)}`)
}

export function changePassword(currentPassword: string, newPassword: string): Promise<void> {
  return request('POST', '/portal/api/me/password', { body: { currentPassword, newPassword } })
}

export function enrol(currentPassword: string): Promise<Enrolment> {
  return request('POST', '/portal/api/me/totp', { body: { currentPassword } })
}

export async function confirmEnrolment(code: string): Promise<readonly string[]> {
  const { recoveryCodes } = await request<{ recoveryCodes: readonly string[] }>(
    'POST',
    '/portal/api/me/totp/confirm',
    { body: { code } },
  )
  return recoveryCodes
}

export function removeFactor(code: string): Promise<void> {
  return request('POST', '/portal/api/me/totp/remove', { body: { code } })
}
