import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'
import { nextTick } from 'vue'

import { useField } from '@/stores/field'
import { show, stopClock } from '@/testing'

import FieldBar from './FieldBar.vue'

const step = (user: string, action?: string) => ({ key: user + String(action), user, order: 1, incident: 1, at: '', action })

async function open(state: object, props = {}): Promise<void> {
  show(FieldBar, { props, role: 'field' })
  Object.assign(useField(), { reachable: true, ...state })
  await nextTick()
}

it('counts the steps that wait, not their photos, and says when they go', async () => {
  await open({ waiting: [step('me', 'arrive'), step('me')] })
  expect(screen.getByTestId('field-unsent').textContent).toContain('1 步未发送 正在发送')
  useField().reachable = false
  await nextTick()
  expect(screen.getByTestId('field-unsent').textContent).toContain('恢复后自动发送')
  expect(screen.queryByTestId('field-offline')).toBeNull()
})

it('says without network how old the page is', async () => {
  stopClock('2026-11-27T10:00:00')
  await open({ reachable: false, heardAt: '2026-11-27T09:30:00' })
  expect(screen.getByTestId('field-offline').textContent).toContain('以下为 09:30:00 的内容')
})

it('tells of the steps of somebody else on this phone', async () => {
  await open({ waiting: [step('li', 'arrive')] })
  expect(screen.getByRole('status').textContent).toContain('他人的 1 项')
})

it('is silent where all is sent, and leads back from an order', async () => {
  await open({}, { back: true })
  expect(screen.queryByRole('status')).toBeNull()
  expect(screen.getByTestId('field-back').getAttribute('href')).toBe('/field')
})
