import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'
import { nextTick } from 'vue'

import { useField } from '@/stores/field'
import { show, stopClock } from '@/testing'

import FieldWaiting from './FieldWaiting.vue'

const AT = '2026-11-27T10:00:00'
const item = (key: string, more: object) => ({ key, user: 'me', order: 7, incident: 9, at: AT, ...more })

it('lists the steps of this order that wait, with their words and photos', async () => {
  stopClock(AT)
  show(FieldWaiting, { props: { order: 7 }, role: 'field' })
  useField().waiting = [item('a', { action: 'report_back', text: '好了', photos: ['p'] }), item('p', {}), item('b', { action: 'note', refused: '晚了' }), item('c', { action: 'note', order: 8 }), item('d', { action: 'note', user: 'li' })]
  await nextTick()
  const [only, ...rest] = screen.getAllByTestId('field-waiting-item')
  expect(rest).toEqual([])
  expect(only!.textContent).toMatch(/10:00:00 反馈结果.*1 张照片.*好了/)
})

it('is not there while nothing waits', () => {
  show(FieldWaiting, { props: { order: 7 }, role: 'field' })
  expect(screen.queryByTestId('field-waiting')).toBeNull()
})
