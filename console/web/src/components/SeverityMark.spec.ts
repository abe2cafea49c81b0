import { expect, it } from 'vitest'

import { show } from '@/testing'

import SeverityMark from './SeverityMark.vue'

const mark = (severity: number, size?: number) => show(SeverityMark, { props: { severity, size } }).container.querySelector('svg')!

it('has a shape and a figure for each severity, so that nobody needs its colour', () => {
  const marks = [1, 2, 3, 4].map((severity) => mark(severity))
  expect(new Set(marks.map((one) => one.querySelector('path')!.getAttribute('d'))).size).toBe(4)
  expect(marks.map((one) => one.textContent)).toEqual(['1', '2', '3', '4'])
  expect(marks[0]!.getAttribute('aria-hidden')).toBe('true')
})

it('takes a size, and the shape of the least where the severity is unknown', () => {
  expect(mark(4, 40).getAttribute('width')).toBe('40')
  expect(mark(9).querySelector('path')!.getAttribute('d')).toBe(mark(4).querySelector('path')!.getAttribute('d'))
})
