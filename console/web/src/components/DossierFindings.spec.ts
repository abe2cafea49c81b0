import { screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import DossierFindings from './DossierFindings.vue'

it('says how many entries are as they were', () => {
  show(DossierFindings, { props: { check: { entries: 12, findings: [] } } })
  expect(screen.getByTestId('dossier-whole').textContent).toContain('12 个条目')
  expect(screen.queryByRole('alert')).toBeNull()
})

it('names each change and what it is about', () => {
  show(DossierFindings, { props: { check: { entries: 12, findings: [{ flaw: 'body', about: '第 3 条' }, { flaw: 'gap', about: '第 7 条' }] } } })
  const alert = screen.getByRole('alert')
  expect(alert.textContent).toContain('发现 2 处改动')
  expect([...alert.querySelectorAll('li')].map((row) => row.textContent)).toEqual(['内容被改 第 3 条', '缺条目 第 7 条'])
  expect(screen.queryByTestId('dossier-whole')).toBeNull()
})
