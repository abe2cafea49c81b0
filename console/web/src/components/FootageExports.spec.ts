import { fireEvent, screen } from '@testing-library/vue'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { Refusal, serve, show } from '@/testing'

import FootageExports from './FootageExports.vue'

const PATH = 'GET /api/picture-exports'
const row = { id: 1, at: '2026-11-27T10:00:00Z', who: 'li', unit: '物业', recipient: '派出所', document: '川公 1 号', reason: '失窃', ref: 'cam-1/x.jpg', hidden: { cover: 'heads', masks: 2, regions: 1 }, sha256: 'abc' }

beforeEach(() => void vi.stubGlobal('isSecureContext', true))
afterEach(() => void vi.unstubAllGlobals())

it('says who handed what to whom, and what was hidden in it', async () => {
  serve({ [PATH]: { items: [row], next: null } })
  show(FootageExports)
  expect((await screen.findByTestId('export-row')).textContent).toMatch(/li 物业.*派出所 川公 1 号.*失窃.*cam-1.*头部，遮挡区 2 处，手绘 1 处.*abc/)
  expect(screen.queryByText('加载更多')).toBeNull()
})

it('recognises a file by its hash alone, and shows all again', async () => {
  const { calls } = serve({ [PATH]: ({ params }: { params: { query: { sha256?: string } } }) => ({ items: params.query.sha256 ? [] : [row], next: null }) })
  show(FootageExports)
  await screen.findByTestId('export-row')
  const file = { arrayBuffer: () => Promise.resolve(new TextEncoder().encode('x').buffer) }
  await fireEvent.change(screen.getByTestId('export-check'), { target: { files: [file] } })
  expect((await screen.findByTestId('exports-none')).textContent).toContain('没有导出过此文件')
  expect(calls('GET').at(-1)![1]).toMatchObject({ params: { query: { sha256: '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881' } } })
  await fireEvent.click(screen.getByText('显示全部'))
  expect(await screen.findByTestId('export-row')).toBeTruthy()
})

it('offers no check where the browser cannot hash, and says what failed', async () => {
  vi.stubGlobal('isSecureContext', false)
  serve({ [PATH]: new Refusal(403, { title: '无权', status: 403 }) })
  show(FootageExports)
  expect((await screen.findByRole('alert')).textContent).toContain('无权')
  expect(screen.queryByTestId('export-check')).toBeNull()
})
