import { expect, test } from 'vitest'
import { categoriesOf, isSending, sourceOf, type DiagnosticSetting } from './diagnostics'

const SUBSCRIPTION = '/subscriptions/11111111-1111-1111-1111-111111111111'
const VAULT = `${SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v`

function settingOf(scope: string, logs: DiagnosticSetting['properties']['logs']): DiagnosticSetting {
  const id = `${scope}/providers/microsoft.insights/diagnosticSettings/s`
  return { id, name: 's', type: 'Microsoft.Insights/diagnosticSettings', properties: { logs: logs! } }
}

test('only the activity of a subscription is sent today', () => {
  const administrative = { category: 'Administrative', enabled: true }
  expect(isSending(settingOf(SUBSCRIPTION, [administrative]))).toBe(true)
  expect(isSending(settingOf(SUBSCRIPTION, [{ categoryGroup: 'allLogs', enabled: true }]))).toBe(true)
  expect(isSending(settingOf(SUBSCRIPTION, [{ ...administrative, enabled: false }]))).toBe(false)
  expect(isSending(settingOf(SUBSCRIPTION, [{ category: 'Policy', enabled: true }]))).toBe(false)
  expect(isSending(settingOf(VAULT, [{ categoryGroup: 'audit', enabled: true }]))).toBe(false)
})

test('a setting tells what it is of and what it has switched on', () => {
  const setting = settingOf(VAULT, [
    { category: 'AuditEvent', enabled: true },
    { category: 'Other', enabled: false },
  ])
  expect(sourceOf(setting)).toBe(VAULT)
  expect(categoriesOf(setting)).toEqual(['AuditEvent'])
})
