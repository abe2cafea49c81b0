import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'
import { nextTick } from 'vue'

import { useCatalogue } from '@/stores/catalogue'
import { show } from '@/testing'

import DialectFields from './DialectFields.vue'

const DIALECTS = [{ dialect: 'zigbee', title: 'zigbee2mqtt', families: ['smoke_sensor'] }, { dialect: 'onvif', title: 'ONVIF', families: ['camera'] }]

async function open(props: object) {
  const page = show(DialectFields, { props: { profile: 'smoke_sensor', dialect: '', name: '', ...props } })
  useCatalogue().words = { dialects: DIALECTS } as never
  await nextTick()
  return page
}
const offered = () => [...(screen.getByTestId('dialect') as HTMLSelectElement).options].map(({ value }) => value)

it('offers the dialects that speak for this family, and the one chosen already', async () => {
  const { rerender } = await open({})
  expect(offered()).toEqual(['', 'zigbee'])
  expect(screen.queryByTestId('foreign-name')).toBeNull()
  await rerender({ dialect: 'onvif' })
  expect(offered()).toEqual(['', 'zigbee', 'onvif'])
  expect(screen.getByTestId('foreign-name')).toBeTruthy()
})

it('forgets the foreign name with the dialect', async () => {
  const { emitted, rerender } = await open({ dialect: 'zigbee', name: '0x01' })
  await fireEvent.update(screen.getByTestId('dialect'), '')
  expect(emitted('update:dialect')).toEqual([['']])
  await rerender({ dialect: '' })
  expect(emitted('update:name')).toEqual([['']])
})
