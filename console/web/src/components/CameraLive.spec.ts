import { fireEvent, screen } from '@testing-library/vue'
import { beforeEach, expect, it, vi } from 'vitest'
import { nextTick, ref } from 'vue'

import { provideCase } from '@/composables/useCaseInHand'
import { show } from '@/testing'

import CameraLive from './CameraLive.vue'

const live = { pending: ref(false), failure: ref(''), picture: ref<string | null>(null), watching: ref(false), ended: ref(false), start: vi.fn(), stop: vi.fn() }
vi.mock('@/composables/useLive', () => ({ useLive: () => live }))
const device = { id: 'cam-1', name_zh: '大门', name_en: 'Gate' }

beforeEach(() => {
  Object.assign(live, { start: vi.fn(), stop: vi.fn() })
  live.watching.value = live.ended.value = false
  live.picture.value = null
  live.failure.value = ''
})

it('is watched for a reason only, and stopped again', async () => {
  show(CameraLive, { props: { device } })
  expect(screen.getByTestId<HTMLInputElement>('live-reason').required).toBe(true)
  await fireEvent.update(screen.getByTestId('live-reason'), '烟感报警')
  await fireEvent.submit(screen.getByTestId('live-start').closest('form')!)
  expect(live.start).toHaveBeenCalledWith('cam-1', '烟感报警')
  live.watching.value = true
  live.picture.value = 'blob:x'
  await nextTick()
  expect(screen.getByAltText('大门 实时画面，带水印')).toBeTruthy()
  expect(screen.queryByTestId('live-start')).toBeNull()
  await fireEvent.click(screen.getByTestId('live-stop'))
  expect(live.stop).toHaveBeenCalledOnce()
})

it('within a case, the case is the reason', () => {
  show({ components: { CameraLive }, setup: () => (provideCase(() => '处置警情 7'), { device }), template: '<CameraLive :device="device" />' })
  expect(screen.getByTestId<HTMLInputElement>('live-reason').value).toBe('处置警情 7')
})

it('says that it ended, or why it never began, and offers it anew', async () => {
  live.ended.value = true
  live.failure.value = '节点不在'
  show(CameraLive, { props: { device } })
  expect(screen.getByRole('status').textContent).toContain('查看已结束')
  expect(screen.getByRole('alert').textContent).toBe('节点不在')
  expect(screen.getByTestId('live-start')).toBeTruthy()
})
