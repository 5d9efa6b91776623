import { cleanup, render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test, vi } from 'vitest'
import { ApiError } from '@/api/client'
import { ConfirmDialog } from './ConfirmDialog'
import { Form, placeErrors } from './Form'
import { NumberField } from './NumberField'
import { TextArea } from './TextArea'
import { TextField } from './TextField'

afterEach(cleanup)

test('each detail of an error stands at its field, and the rest above the buttons', async () => {
  const refusal = new ApiError(
    400,
    'InvalidTable',
    'The table is not valid.',
    [
      { code: 'TooLong', message: 'At most 730 days.', target: 'properties.retentionInDays' },
      { code: 'Unknown', message: 'There is no plan Gold.', target: 'properties.plan' },
    ],
    'c-1',
  )
  const submit = vi.fn<(form: FormData) => Promise<void>>().mockRejectedValueOnce(refusal).mockResolvedValue()
  render(
    <Form submitLabel="Save" onSubmit={submit}>
      <TextField label="Name" name="name" defaultValue="Syslog" />
      <NumberField label="Cap" name="dailyQuotaGb" defaultValue={1} />
      <NumberField label="Retention" name="retentionInDays" defaultValue={900} />
    </Form>,
  )
  await userEvent.click(screen.getByRole('button', { name: 'Save' }))
  const field = screen.getByRole('textbox', { name: 'Retention' })
  await waitFor(() => expect(field.getAttribute('aria-invalid')).toBe('true'))
  expect(screen.getByText('At most 730 days.')).toBeDefined()
  const alert = screen.getByRole('alert')
  expect(alert.textContent).toContain('There is no plan Gold.')
  expect(alert.textContent).toContain('c-1')
  expect(alert.textContent).not.toContain('730')
  await userEvent.clear(field)
  await userEvent.type(field, '30')
  // Before the field is left: what goes then would move the button from under the pointer.
  expect(screen.queryByText('At most 730 days.')).toBeNull()
  await userEvent.tab()
  await userEvent.click(screen.getByRole('button', { name: 'Save' }))
  await waitFor(() => expect(submit).toHaveBeenCalledTimes(2))
  expect(submit.mock.lastCall?.[0].get('retentionInDays')).toBe('30')
})

test('a text of several lines loses its error when it is changed, too', async () => {
  const refusal = new ApiError(400, 'NotJson', 'No.', [
    { code: 'NotJson', message: 'This is no JSON.', target: 'properties' },
  ])
  const submit = vi.fn<(form: FormData) => Promise<void>>().mockRejectedValueOnce(refusal).mockResolvedValue()
  render(
    <Form submitLabel="Save" onSubmit={submit}>
      <TextArea label="Says" name="properties" />
    </Form>,
  )
  await userEvent.click(screen.getByRole('button', { name: 'Save' }))
  await screen.findByText('This is no JSON.')
  await userEvent.type(screen.getByRole('textbox', { name: 'Says' }), 'x')
  expect(screen.queryByText('This is no JSON.')).toBeNull()
})

test('a fault in an item of a list stands at the list', () => {
  const refusal = new ApiError(400, 'InvalidDataExport', 'Not valid.', [
    { code: 'InvalidTable', message: "'Nope' is no table.", target: 'properties.tableNames[1]' },
    { code: 'InvalidRange', message: "'x' is no range.", target: 'properties.networkRules.query[0]' },
  ])
  const { fields, rest } = placeErrors(refusal, ['tableNames', 'query'])
  expect(fields).toEqual({ tableNames: ["'Nope' is no table."], query: ["'x' is no range."] })
  expect(rest).toBeNull()
})

test('an item of a list within a list stands at that, and a lone target leads to its field', () => {
  const details = [{ code: 'No', message: 'No action.', target: 'properties.permissions[0].actions[2]' }]
  const names = ['roleName', 'properties.permissions[0].actions']
  const placed = placeErrors(new ApiError(400, 'No', 'No.', details), names)
  expect(placed).toEqual({ fields: { [names[1]!]: ['No action.'] }, rest: null })
  const taken = new ApiError(409, 'Taken', 'It is taken.', [], '', null, '', 'properties.roleName')
  expect(placeErrors(taken, names)).toEqual({ fields: { roleName: ['It is taken.'] }, rest: null })
  expect(placeErrors(taken, ['other']).rest).toBe(taken)
})

test('nothing is deleted before its name is typed, and a failure keeps the dialog', async () => {
  const remove = vi.fn<() => Promise<void>>().mockRejectedValueOnce(new Error('It is linked to a cluster.'))
  const close = vi.fn<() => void>()
  render(
    <ConfirmDialog
      isOpen
      title="Delete prod"
      name="prod"
      confirmLabel="Delete"
      onClose={close}
      onConfirm={remove}
    >
      <p>All rows are gone after 14 days.</p>
    </ConfirmDialog>,
  )
  const button = screen.getByRole('button', { name: 'Delete' })
  expect((button as HTMLButtonElement).disabled).toBe(true)
  await userEvent.type(screen.getByRole('textbox', { name: 'Type prod to confirm' }), 'prod')
  await userEvent.click(button)
  await waitFor(() => expect(screen.getByRole('alert').textContent).toContain('It is linked to a cluster.'))
  expect(close).not.toHaveBeenCalled()
})
