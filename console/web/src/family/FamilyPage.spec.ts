import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { show } from '@/testing'

import FamilyPage from './FamilyPage.vue'

const step = (name: string, at: string | null = null) => ({ step: name, at })
const SEEN = { closed: false, asks_until: null, answered: null, rateable: false, rated: null, steps: [step('received', '2026-03-01T00:00:00Z'), step('called', '2026-03-01T00:01:00Z'), step('on_the_way'), step('arrived'), step('closed')] }

function serve(...answers: [status: number, body?: object][]) {
  return vi.spyOn(globalThis, 'fetch').mockImplementation(() => {
    const [status, body] = answers.length > 1 ? answers.shift()! : answers[0]!
    return Promise.resolve(new Response(JSON.stringify(body ?? {}), { status }))
  })
}

beforeEach(() => {
  window.location.hash = 't'.repeat(24)
  vi.spyOn(navigator, 'language', 'get').mockReturnValue('zh-CN')
})

afterEach(() => void (window.location.hash = ''))

it('shows how far the help is, in the language of the phone or the other', async () => {
  const asked = serve([200, SEEN])
  const { container } = show(FamilyPage)
  const steps = await screen.findAllByTestId('family-step')
  expect(steps.map((one) => one.dataset['done'])).toEqual(['true', 'true', 'false', 'false', 'false'])
  expect(container.querySelector('.now')!.textContent).toContain('已通知处理人员')
  expect(steps[2]!.textContent).toContain('等待中')
  expect(asked.mock.calls[0]![1]!.headers).toEqual({ 'X-Family-Token': 't'.repeat(24) })
  await fireEvent.click(screen.getByText('English'))
  expect(steps[2]!.textContent).toContain('waiting')
  expect(document.documentElement.lang).toBe('en')
})

it('tells the centre what they say, or that they said it too late', async () => {
  const asked = serve([200, { ...SEEN, asks_until: '2026-03-01T00:01:00Z' }], [409], [200, SEEN])
  show(FamilyPage)
  await fireEvent.click(await screen.findByTestId('family-stop'))
  expect(await screen.findByText('已超过确认时间，中心正在处理。')).toBeTruthy()
  expect(asked.mock.calls[1]).toMatchObject(['/api/family/verdict', { body: '{"verdict":"refuted"}' }])
  await waitFor(() => expect(screen.queryByTestId('family-ask')).toBeNull())
})

it('takes a rating once, and not before a star is chosen', async () => {
  const asked = serve([200, { ...SEEN, closed: true, rateable: true }], [200], [200, { ...SEEN, closed: true, rated: 4 }])
  show(FamilyPage)
  const send = (await screen.findByTestId('family-send')) as HTMLButtonElement
  expect(send.disabled).toBe(true)
  await fireEvent.click(screen.getByLabelText('4 分'))
  await fireEvent.submit(send.closest('form')!)
  expect(send.disabled).toBe(true)
  await waitFor(() => expect(screen.getByTestId('family-thanks').textContent).toBe('感谢评价：4 分'))
  expect(asked.mock.calls[1]).toMatchObject(['/api/family/rating', { body: '{"score":4,"words":""}' }])
})

it('says whom to call where the link is over', async () => {
  window.location.hash = 'short'
  show(FamilyPage)
  expect((await screen.findByTestId('family-problem')).textContent).toMatch(/链接已失效.*110、119 或 120/)
  expect(screen.queryByTestId('family-step')).toBeNull()
})
