import { render, screen, within } from '@testing-library/vue'
import { expect, it } from 'vitest'

import type { ImportPreview as Preview } from '@/api/types'
import { i18n } from '@/i18n'

import ImportPreview from './ImportPreview.vue'

const PREVIEW: Preview = {
  rows: 2, good: 1, bad: 1, headings: { id: '设备编号', place: '位置编码' }, unknown_columns: [],
  errors: [{ row: 3, column: 'place', value: 'NOPLACE', problem: 'there is no place', mend: 'take a code', problem_zh: '没有这个地点', mend_zh: '取编码' }],
  sample: [{ row: 2, id: 'a', place: 'E1' }],
}

it.each([['zh', '位置编码', ['行', '设备编号', '位置编码']], ['en', 'place', ['Row', 'id', 'place']]] as const)('calls columns in %s as the sheet of its reader does', (locale, column, headings) => {
  i18n.global.locale.value = locale
  render(ImportPreview, { props: { preview: PREVIEW }, global: { plugins: [i18n] } })
  expect(within(screen.getByTestId('import-error')).getByText(column)).toBeTruthy()
  const sample = screen.getAllByRole('table')[1]!
  expect(within(sample).getAllByRole('columnheader').map((cell) => cell.textContent)).toEqual(headings)
})
