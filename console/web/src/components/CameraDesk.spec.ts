import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import CameraDesk from './CameraDesk.vue'

const stubs = { CameraDrawing: { template: '<p>drawing</p>' }, CameraLive: { template: '<p>live</p>' }, CameraRegister: { props: ['id'], template: '<p>register of {{ id }}</p>' } }
const open = (role: string) => show(CameraDesk, { props: { device: { id: 'cam-1' } }, role, stubs })
const tabs = () => screen.getAllByRole('tab').map(({ textContent }) => textContent.trim())

it('offers each role the parts that it may see, the drawing first', () => {
  for (const [role, may] of [['property', ['区域与绊线']], ['operator', ['区域与绊线', '实时画面']], ['shift_leader', ['区域与绊线', '实时画面', '查阅登记']]] as const) {
    const { unmount } = open(role)
    expect(tabs()).toEqual(may)
    expect(screen.getByText('drawing')).toBeTruthy()
    unmount()
  }
})

it('shows one part at a time, the register of this camera only', async () => {
  open('shift_leader')
  await fireEvent.click(screen.getByRole('tab', { name: '查阅登记' }))
  expect(screen.getByText('register of cam-1')).toBeTruthy()
  expect(screen.queryByText('drawing')).toBeNull()
})
