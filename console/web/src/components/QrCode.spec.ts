import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import QrCode from './QrCode.vue'

const dark = () => screen.getByTestId('qr').querySelector('path')!.getAttribute('d')!.split('M').slice(1).map((one) => /^(\d+) (\d+)/.exec(one)!.slice(1).map(Number) as [number, number])

it('draws the text with four quiet modules around, and is spoken by its label', async () => {
  const { rerender } = show(QrCode, { props: { text: 'shequ:claim:AB12', label: '申领码 AB12 的二维码' } })
  const size = Number(screen.getByRole('img', { name: '申领码 AB12 的二维码' }).getAttribute('viewBox')!.split(' ')[2])
  expect([Math.min(...dark().flat()), Math.max(...dark().flat())]).toEqual([4, size - 5])
  const first = String(dark())
  await rerender({ text: 'shequ:claim:CD34' })
  expect(String(dark())).not.toBe(first)
})
