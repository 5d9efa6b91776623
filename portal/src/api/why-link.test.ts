import { describe, expect, it } from 'vitest'
import { ApiError } from './client'
import { whyHref } from './why-link'

function refusal(missingRight: string): ApiError {
  return new ApiError(403, 'AuthorizationFailed', 'No.', [], '', null, missingRight)
}

describe('whyHref', () => {
  it('leads to the page of the tenant, filled in', () => {
    const missing = 'who=0a1b&action=a%2Fwrite&scope=%2Fsubscriptions%2F1'
    expect(whyHref(refusal(missing), '/t/kelp.local/w/1/tables')).toBe(
      `/t/kelp.local/access?tab=why&${missing}`,
    )
  })
  it('leads nowhere where no role is missing, and outside a tenant', () => {
    expect(whyHref(refusal(''), '/t/kelp.local')).toBeUndefined()
    expect(whyHref(refusal('who=1'), '/me')).toBeUndefined()
  })
})
