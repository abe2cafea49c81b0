import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import LabelSheet from './LabelSheet.vue'

const label = (code: string, more = {}) => ({ label: `L-${code}`, code, profile: 'smoke_sensor', make: '', model: '', serial: '', ...more })

it('says everything in letters too, so that nobody needs to scan', () => {
  show(LabelSheet, { props: { labels: [label('AB12', { make: '海湾', serial: '007' }), label('CD34')], estate: 'E' }, stubs: { QrCode: { props: ['text', 'label'], template: '<i role="img" :aria-label="label">{{ text }}</i>' } } })
  const [first, second] = screen.getAllByTestId('label')
  expect(first!.textContent).toMatch(/^shequ:claim:AB12smoke_sensor E海湾 · 007申领码AB12L-AB12/)
  expect(second!.querySelectorAll('p')).toHaveLength(4) // no line about a make that is not known
  expect(screen.getAllByRole('img').map((one) => one.getAttribute('aria-label'))).toEqual(['申领码 AB12 的二维码', '申领码 CD34 的二维码'])
})
