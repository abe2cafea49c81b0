import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { expect, it } from 'vitest'
import { nextTick } from 'vue'

import { useCatalogue } from '@/stores/catalogue'
import { usePlaces } from '@/stores/places'
import { serve, settled, show } from '@/testing'

import GroupForm from './GroupForm.vue'

const device = (id: string, profile = 'smoke_sensor') => ({ id, profile, estate: 'E', name_zh: `名${id}`, name_en: id })
const DEVICES = { items: [device('s1'), device('s2'), device('c1', 'camera')], next: null }
const GROUP = { code: 'g1', estate: 'E', name_zh: '一组', name_en: 'One', devices: ['s1'] }
const known = () => {
  usePlaces().byCode.set('E', { code: 'E', kind: 'estate', name_zh: '翠湖苑', name_en: 'E', path: ['E'] } as never)
  useCatalogue().words = { profiles: [{ family: 'smoke_sensor', name_zh: '烟感', name_en: 'Smoke' }, { family: 'camera', name_zh: '摄像机', name_en: 'Camera' }] } as never
}
const open = (group: object | null, more = {}) => ({ ...serve({ 'GET /api/places': { items: [] }, 'GET /api/devices': DEVICES, ...more }), ...show(GroupForm, { props: { group }, known }) })
const chosen = () => screen.getAllByRole<HTMLInputElement>('checkbox').filter(({ checked }) => checked).map(({ value }) => value)

it('begins with all of a family, and makes a group of those that stay chosen', async () => {
  const { calls, emitted } = open(null, { 'POST /api/device-groups': GROUP })
  for (const [field, value] of Object.entries({ code: 'g2', name: '二组', estate: 'E', profile: 'smoke_sensor' })) await fireEvent.update(screen.getByTestId(`group-${field}`), value)
  await waitFor(() => expect(chosen()).toEqual(['s1', 's2']))
  await settled()
  await fireEvent.click(screen.getAllByRole('checkbox')[0]!)
  await fireEvent.click(screen.getByTestId('group-save'))
  await waitFor(() => expect(emitted('done')).toHaveLength(1))
  expect(calls('POST')[0]![1]!['body']).toEqual({ code: 'g2', estate: 'E', name_zh: '二组', name_en: '二组', devices: ['s2'] })
})

it('keeps what somebody chose when news of a device come in', async () => {
  open(null)
  await fireEvent.update(screen.getByTestId('group-estate'), 'E')
  await fireEvent.update(screen.getByTestId('group-profile'), 'smoke_sensor')
  await waitFor(() => expect(chosen()).toEqual(['s1', 's2']))
  await fireEvent.click(screen.getAllByRole('checkbox')[0]!)
  usePlaces().takeDevice({ ...device('s1'), online: false } as never)
  await nextTick()
  expect(chosen()).toEqual(['s2'])
  expect(screen.getAllByRole<HTMLInputElement>('checkbox').map(({ value }) => value)).toEqual(['s1', 's2'])
})

it('adds to a group that is changed, and never empties it by a look at a family', async () => {
  const { calls, emitted } = open(GROUP, { 'PATCH /api/device-groups/{code}': GROUP })
  await waitFor(() => expect(chosen()).toEqual(['s1']))
  await fireEvent.update(screen.getByTestId('group-profile'), 'camera')
  await fireEvent.click(screen.getByRole('checkbox'))
  await fireEvent.click(screen.getByTestId('group-save'))
  await waitFor(() => expect(emitted('done')).toHaveLength(1))
  expect(calls('PATCH')[0]![1]).toMatchObject({ params: { path: { code: 'g1' } }, body: { devices: ['s1', 'c1'] } })
})
