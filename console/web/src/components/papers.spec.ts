import { fireEvent, render, screen, waitFor } from '@testing-library/vue'
import { createPinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'

import { api } from '@/api/client'
import type { CoveragePoint, Grid, PostWeek, Resource } from '@/api/types'
import { i18n } from '@/i18n'

import CoverageForm from './CoverageForm.vue'
import GridForm from './GridForm.vue'
import PostForm from './PostForm.vue'
import ResourceForm from './ResourceForm.vue'

const answer = (data: unknown, status = 200): never => ({ data, response: new Response(null, { status }) }) as never
const GRID = { code: '510681101001001', kind: 'base', community: '510681101001', community_zh: '', community_en: '', name_zh: '第一网格', name_en: 'Grid 1', households: 300, alt_codes: {}, version: 4, places: [], people: [] } satisfies Grid
const POST = { code: 'desk', name_zh: '值班台', name_en: 'Desk', role: 'OP', place: 'E1', minimum: 1, version: 2, opens: '08:00', closes: '20:00', shifts: [], gaps: [] } satisfies PostWeek
const AED = { id: 'aed-1', kind: 'aed', name_zh: '除颤仪', name_en: 'AED', place: 'E1', place_zh: '', place_en: '', quantity: 1, state: 'ready', version: 7, keeper: null, checked_at: null, unchecked: false, expires_on: null, expired: false, position: null } satisfies Resource

beforeEach(() => {
  HTMLDialogElement.prototype.showModal = vi.fn()
  HTMLDialogElement.prototype.close = vi.fn()
  vi.spyOn(api, 'GET').mockResolvedValue(answer({ items: [] }))
})

const show = (form: unknown, props: object) => render(form as never, { props: props as never, global: { plugins: [i18n, createPinia()] } })
const body = (call: { mock: { calls: unknown[][] } }) => (call.mock.calls[0]![1] as { body: Record<string, unknown> }).body

describe('papers of the organisation', () => {
  it('changes a grid by the version it was read at', async () => {
    const patch = vi.spyOn(api, 'PATCH').mockResolvedValue(answer(GRID))
    const { emitted } = show(GridForm, { grid: GRID })
    await fireEvent.update(screen.getByTestId('grid-households'), '320')
    await fireEvent.submit(screen.getByTestId('grid-form'))
    await waitFor(() => expect(emitted('done')).toHaveLength(1))
    expect(body(patch)).toMatchObject({ households: 320, version: 4, kind: 'base' })
  })

  it('ends nothing before it was asked, and says so where the server refuses', async () => {
    const gone = vi.spyOn(api, 'DELETE').mockResolvedValue({ error: { title: 'Conflict', detail: '张三 still answer' }, response: new Response(null, { status: 409 }) } as never)
    const { emitted } = show(GridForm, { grid: GRID })
    await fireEvent.click(screen.getByTestId('end'))
    expect(gone).not.toHaveBeenCalled()
    await fireEvent.submit(screen.getByTestId('confirm-go').closest('form')!)
    expect((await screen.findByRole('alert')).textContent).toContain('张三')
    expect(emitted('done')).toBeUndefined()
  })

  it('adds a post without asking for what only a change needs', async () => {
    const post = vi.spyOn(api, 'POST').mockResolvedValue(answer(POST, 201))
    show(PostForm, { post: null })
    await fireEvent.update(screen.getByTestId('post-code'), 'gate')
    await fireEvent.update(screen.getByTestId('post-name'), '门岗')
    await fireEvent.submit(screen.getByTestId('post-form'))
    await waitFor(() => expect(post).toHaveBeenCalled())
    expect(body(post)).toMatchObject({ code: 'gate', name_zh: '门岗', name_en: '门岗', opens: '00:00' })
    expect(body(post)).not.toHaveProperty('version')
  })

  it('writes the papers of a resource anew and leaves a position alone that nobody measured', async () => {
    const put = vi.spyOn(api, 'PUT').mockResolvedValue(answer(AED))
    show(ResourceForm, { resource: AED })
    await fireEvent.update(screen.getByTestId('resource-name'), '大堂除颤仪')
    await fireEvent.submit(screen.getByTestId('resource-form'))
    await waitFor(() => expect(put).toHaveBeenCalled())
    expect(body(put)).toMatchObject({ name_zh: '大堂除颤仪', version: 7, x: null, y: null, keeper: null })
  })

  it('names the camera of a point, of those that are there', async () => {
    vi.spyOn(api, 'GET').mockImplementation((path: string) => Promise.resolve(answer(path === '/api/devices' ? { items: [{ id: 'cam-1', name_zh: '村口枪机', name_en: 'Gate' }], next: null } : { items: [] })))
    const put = vi.spyOn(api, 'PUT').mockResolvedValue(answer({}))
    const point = { code: 'R1', network: 'tianwang', place: 'C1', place_zh: '', place_en: '', name_zh: '村口', name_en: 'Gate', device: null, device_zh: null, device_en: null, covered: false, set_by: 'x', set_at: '' } satisfies CoveragePoint
    const { emitted } = show(CoverageForm, { point })
    await screen.findByRole('option', { name: '村口枪机 cam-1' })
    await fireEvent.update(screen.getByTestId('point-camera'), 'cam-1')
    await fireEvent.submit(screen.getByTestId('point-form'))
    await waitFor(() => expect(emitted('done')).toHaveLength(1))
    expect(body(put)).toEqual({ network: 'tianwang', place: 'C1', name_zh: '村口', name_en: 'Gate', device: 'cam-1' })
  })
})
