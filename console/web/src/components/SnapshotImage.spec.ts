import { fireEvent, render, screen } from '@testing-library/vue'
import { createPinia } from 'pinia'
import { expect, test, vi } from 'vitest'

import { i18n, setLocale } from '@/i18n'

import SnapshotImage from './SnapshotImage.vue'

interface Asked {
  path: string
  params: { path: { path: string }; query?: { reason: string; alert?: number } }
}

const asked = vi.hoisted(() => [] as Asked[])
vi.mock('@/api/client', () => ({
  ask: (answer: unknown) => Promise.resolve(answer),
  whenUnauthorised: () => undefined,
  api: {
    GET(path: string, { params }: Asked): unknown {
      asked.push({ path, params })
      return path === '/api/snapshots/{path}' ? new Blob(['x']) : { picture: true, clip: true, hold: { by: 'sun', reason: 'case 12', at: '2026-05-20T12:00:00Z' } }
    },
  },
}))
Object.assign(URL, { createObjectURL: () => 'blob:x', revokeObjectURL: () => undefined })

function show(): void {
  asked.length = 0
  setLocale('en')
  render(SnapshotImage, { props: { path: 'E1/cam/20260520/a.jpg', alert: 7 }, global: { plugins: [createPinia(), i18n] } })
}

test('nothing is fetched before somebody asks for it, and the reason is the case', async () => {
  show()
  expect(asked).toEqual([])
  expect((screen.getByTestId('snapshot-reason') as HTMLInputElement).value).toBe('Handling alert 7')
  await fireEvent.click(screen.getByTestId('snapshot-look'))
  await screen.findByTestId('snapshot')
  expect(asked[0]?.params).toEqual({ path: { path: 'E1/cam/20260520/a.jpg' }, query: { reason: 'Handling alert 7', alert: 7 } })
})

test('a clip is fetched for the same reason, and a hold is shown', async () => {
  show()
  await fireEvent.update(screen.getByTestId('snapshot-reason'), 'neighbour asked')
  await fireEvent.click(screen.getByTestId('snapshot-look'))
  expect((await screen.findByTestId('held')).textContent).toContain('case 12')
  await fireEvent.click(screen.getByTestId('clip-play'))
  await screen.findByTestId('clip')
  expect(asked.at(-1)?.params).toEqual({ path: { path: 'E1/cam/20260520/a.webm' }, query: { reason: 'neighbour asked', alert: 7 } })
})
