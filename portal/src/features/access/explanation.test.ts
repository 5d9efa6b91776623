import { describe, expect, it } from 'vitest'
import {
  effectOf,
  rolesByPlace,
  shortCondition,
  verdictOf,
  type Explanation,
  type WeighedRole,
} from './explanation'

const ROLE: WeighedRole = {
  roleName: 'Reader',
  scope: '/subscriptions/1',
  principalId: 'p',
  principalName: 'ann',
  assignmentId: 'a',
  createdOn: '2026-11-03T00:00:00Z',
  createdBy: 'bo',
  left: 'never',
  permits: false,
}
const WAY = {
  allowed: false,
  reason: 'No.',
  action: 'query/Syslog/read',
  isDataAction: false,
  scope: '/subscriptions/1',
  grantedBy: null,
  limits: [],
  temporary: null,
  roles: [ROLE],
}
const NOTHING: Explanation = {
  ...WAY,
  principal: { id: 'p', name: 'ann' },
  places: [
    { scope: '/', kind: 'tenant', name: 'Contoso' },
    { scope: '/subscriptions/1', kind: 'subscription', name: 'prod' },
  ],
}

describe('a decision', () => {
  it('is what either way lets through', () => {
    const other = { ...WAY, action: 'data/read', allowed: true, grantedBy: 'a', limits: ["C Equals 'x'"] }
    expect(verdictOf(NOTHING)).toMatchObject({ allowed: false, reason: 'No.' })
    const limited = {
      ...NOTHING,
      otherWay: { ...other, roles: [{ ...ROLE, permits: true, left: "C Equals 'x'" }] },
    }
    expect(verdictOf(limited)).toMatchObject({ allowed: true, limits: ["C Equals 'x'"], grantedBy: 'a' })
    expect(verdictOf({ ...limited, allowed: true, grantedBy: 'b' })).toMatchObject({
      limits: [],
      grantedBy: 'b',
    })
    const [[, none], [, roles]] = rolesByPlace(limited) as [[unknown, unknown[]], [unknown, unknown[]]]
    expect(none).toEqual([])
    expect(roles).toMatchObject([{ action: 'data/read', left: "C Equals 'x'" }])
  })
  it('tells what each role does for it', () => {
    expect(effectOf({ ...ROLE, permits: true, left: 'always' })).toBe('gives')
    expect(effectOf({ ...ROLE, permits: true, left: 'never' })).toBe('fails')
    expect(effectOf({ ...ROLE, granting: '*', excluding: '*/Write' })).toBe('excludes')
    expect(effectOf(ROLE)).toBe('nothing')
  })
  it('tells conditions without what they share', () => {
    const text = "@Resource[Microsoft.OperationalInsights/workspaces/tables/record:Computer] StringEquals 'a'"
    expect(shortCondition(text)).toBe("Computer StringEquals 'a'")
  })
})
