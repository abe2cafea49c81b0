import { fireEvent, screen } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { show } from '@/testing'

import RuleDiff from './RuleDiff.vue'

const version = (number: number, source: string) => ({ version: number, source })
const VERSIONS = [version(3, 'id: A\nfor: 30s\n'), version(2, 'id: A\nfor: 20s\n'), version(1, 'id: A\n')]
const open = (live: number | null, versions = VERSIONS) => show(RuleDiff, { props: { versions, live } })
const lines = () => [...screen.getByTestId('rule-diff').querySelectorAll('[data-testid^="diff-"]:not(select)')].map((line) => line.textContent!.trimEnd())

it('holds the newest against what is in force, and says in words what came and went', () => {
  open(1)
  expect(lines()).toEqual(['  id: A', '+ 增加 for: 30s'])
})

it('holds it against the one before where it is itself in force', () => {
  open(3)
  expect(lines()).toEqual(['  id: A', '− 删除 for: 20s', '+ 增加 for: 30s'])
})

it('compares what was chosen, also after the versions are read again', async () => {
  const { rerender } = open(3)
  await fireEvent.update(screen.getByTestId('diff-to'), '1')
  await rerender({ versions: [...VERSIONS] })
  expect(lines()).toEqual(['  id: A', '− 删除 for: 20s'])
})

it('says that there is no difference', () => {
  open(null, [VERSIONS[0]!])
  expect(screen.getByText('两个版本相同')).toBeTruthy()
})
