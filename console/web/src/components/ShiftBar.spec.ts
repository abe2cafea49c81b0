import { fireEvent, screen, waitFor } from '@testing-library/vue'
import { afterEach, expect, it, vi } from 'vitest'

import { settled, show } from '@/testing'

import ShiftBar from './ShiftBar.vue'

const node = () => ({ gain: { setValueAtTime: () => undefined, linearRampToValueAtTime: () => undefined }, connect: (to: unknown) => to, start: () => undefined, stop: () => undefined })

/** A browser whose sound is unlocked by a click, or is not; the tones that are heard. */
function browser(state: 'running' | 'suspended') {
  const tone = vi.fn(function () {
    return node()
  })
  vi.stubGlobal('AudioContext', class { state = state; currentTime = 0; destination = {}; resume = () => Promise.resolve() })
  vi.stubGlobal('OscillatorNode', tone)
  vi.stubGlobal('GainNode', vi.fn(function () {
    return node()
  }))
  return tone
}
afterEach(() => void vi.unstubAllGlobals())

it('asks for a click that unlocks the sound, lets it be heard once, and goes', async () => {
  const tone = browser('running')
  show(ShiftBar)
  await fireEvent.click(screen.getByTestId('start-shift'))
  await waitFor(() => expect(screen.queryByTestId('start-shift')).toBeNull())
  expect(tone).toHaveBeenCalledOnce()
})

it('stays where the browser keeps the sound locked', async () => {
  const tone = browser('suspended')
  show(ShiftBar)
  await fireEvent.click(screen.getByTestId('start-shift'))
  await settled()
  expect(screen.getByText(/声音未开启/)).toBeTruthy()
  expect(tone).not.toHaveBeenCalled()
})
