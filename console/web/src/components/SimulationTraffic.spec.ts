import { fireEvent, render, screen, waitFor } from '@testing-library/vue'
import { expect, it, vi } from 'vitest'

import { api } from '@/api/client'
import type { Simulation } from '@/api/types'
import { i18n } from '@/i18n'

import SimulationTraffic from './SimulationTraffic.vue'

const STAND: Simulation = { estates: ['e1'], scripts: [], playing: [], rate: 0, rotation: true, faults: [] }

it('wishes for traffic and faults together', async () => {
  const post = vi.spyOn(api, 'POST').mockResolvedValue({ data: { ...STAND, rate: 50 }, response: new Response(null) } as never)
  const { emitted } = render(SimulationTraffic, { props: { stand: STAND }, global: { plugins: [i18n] } })
  await fireEvent.update(screen.getByTestId('simulation-rate'), '50')
  await fireEvent.click(screen.getByTestId('simulation-rotation'))
  await fireEvent.click(screen.getByTestId('fault-malformed'))
  await fireEvent.submit(screen.getByTestId('simulation-traffic'))
  await waitFor(() => expect(emitted('changed')).toHaveLength(1))
  expect((post.mock.calls[0]![1] as unknown as { body: unknown }).body).toEqual({ rate: 50, rotation: false, faults: ['malformed'] })
})
