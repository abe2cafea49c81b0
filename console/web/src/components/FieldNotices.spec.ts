import { fireEvent, screen, within } from '@testing-library/vue'
import { expect, it, vi } from 'vitest'
import { nextTick } from 'vue'

import { useField } from '@/stores/field'
import { show, stopClock } from '@/testing'

import FieldNotices from './FieldNotices.vue'

const AT = '2026-11-27T10:00:00'
const notice = (key: string, more: object) => ({ key, user: 'me', order: 1, action: 'arrive', why: '已结案', who: '', at: AT, ...more })

async function open(state: object) {
  stopClock(AT)
  show(FieldNotices, { role: 'field' })
  Object.assign(useField(), state)
  await nextTick()
}

it('says whom a call for help reached, and to phone where it reached nobody', async () => {
  await open({ notices: [notice('a', { told: ['李', '王'] }), notice('b', { told: [] })] })
  const [told, nobody] = screen.getAllByTestId('field-notice')
  expect(told!.textContent).toContain('已通知：李、王')
  expect(nobody!.textContent).toContain('请致电中心')
})

it('says who was faster, or why a step came too late; once seen it goes', async () => {
  await open({ notices: [notice('a', { who: '老李' }), notice('b', {})] })
  const dismiss = vi.spyOn(useField(), 'dismiss').mockResolvedValue()
  const [faster, late] = screen.getAllByTestId('field-notice')
  expect(faster!.textContent).toContain('“我已到场”到得太晚 老李 已先处理')
  expect(late!.textContent).toContain('已结案')
  await fireEvent.click(within(late!).getByRole('button'))
  expect(dismiss).toHaveBeenCalledWith('b')
})

it('keeps what was refused, with its words, until it is given up', async () => {
  const refused = { key: 'c', user: 'me', order: 1, incident: 1, at: AT, text: '有人', refused: '案件已结' }
  await open({ waiting: [{ ...refused, action: 'note' }, { ...refused, key: 'd', text: undefined }, { ...refused, key: 'e', refused: undefined }] })
  const discard = vi.spyOn(useField(), 'discard').mockResolvedValue()
  const [note, photo, ...rest] = screen.getAllByTestId('field-refused')
  expect(rest).toEqual([])
  expect(note!.textContent).toMatch(/“补充情况”未被接收.*案件已结.*“有人”/)
  expect(photo!.textContent).toContain('“照片”')
  await fireEvent.click(within(note!).getByRole('button'))
  expect(discard.mock.calls[0]![0]).toMatchObject({ key: 'c' })
})
