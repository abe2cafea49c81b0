import { fireEvent, screen, waitFor, within } from '@testing-library/vue'
import { expect, it, vi } from 'vitest'
import { computed } from 'vue'

import type { RuleBook } from '@/composables/useRule'
import { useSession } from '@/stores/session'
import { show } from '@/testing'

import RuleVersions from './RuleVersions.vue'

const version = (n: number, state: string, more = {}) => ({ version: n, state, origin: 'local', author: 'li', created_at: '2026-03-01T00:00:00Z', reason: `理由${n}`, source: `text ${n}`, ...more })
const VERSIONS = [version(4, 'draft'), version(3, 'shadow'), version(2, 'live'), version(1, 'retired', { origin: 'shipped' })]

function open(role: string, act = vi.fn()) {
  const book = { versions: computed(() => VERSIONS), live: computed(() => VERSIONS[2]), act, load: vi.fn(() => Promise.resolve()) } as unknown as RuleBook
  const shown = show(RuleVersions, { props: { book }, role, stubs: { RuleDiff: true } })
  return { ...shown, act, book, rows: screen.getAllByTestId('rule-version') }
}

it('offers each version what its state allows, and asks before anything happens', async () => {
  const { rows, act, book, emitted } = open('system_admin', vi.fn(() => Promise.resolve({ version: 4, state: 'live', memory_zh: '记忆已保留', memory_en: 'kept' })))
  const offered = rows.map((row) => within(row).getAllByRole('button').map((button) => button.textContent))
  expect(offered).toEqual([['以此版本为起点', '影子运行', '启用'], ['以此版本为起点', '启用'], ['以此版本为起点', '回退到上一版'], ['以此版本为起点', '影子运行', '启用']])
  await fireEvent.click(within(rows[0]!).getByTestId('version-promote'))
  expect(screen.getByRole('dialog').textContent).toContain('启用第 4 版？')
  expect(act).not.toHaveBeenCalled()
  await fireEvent.update(screen.getByTestId('confirm-reason'), '回测良好')
  await fireEvent.submit(screen.getByTestId('confirm-go').closest('form')!)
  expect(act).toHaveBeenCalledWith('promote', 4, '回测良好')
  await waitFor(() => expect(emitted('done')).toEqual([['第 4 版已启用 · 记忆已保留']]))
  expect(book.load).toHaveBeenCalledOnce()
})

it('says nothing of a change that was refused', async () => {
  const { rows, act, book, emitted } = open('system_admin', vi.fn(() => Promise.resolve(undefined)))
  await fireEvent.click(within(rows[2]!).getByTestId('rule-rollback'))
  await fireEvent.submit(screen.getByTestId('confirm-go').closest('form')!)
  expect(act).toHaveBeenCalledWith('rollback', undefined, '')
  await new Promise((resolve) => setTimeout(resolve))
  expect(emitted('done')).toBeUndefined()
  expect(book.load).not.toHaveBeenCalled()
})

it('lets a property manager begin from a version but put none in force, nor an administrator of a part of the tree', async () => {
  const { emitted } = open('property')
  expect(screen.queryByTestId('version-promote')).toBeNull()
  await fireEvent.click(screen.getAllByTestId('version-edit')[2]!)
  expect(emitted('edit')).toEqual([['text 2']])
  useSession().me = { name: 'me', role: 'system_admin', scope: 'EST1' } as never
  expect(screen.queryByTestId('version-promote')).toBeNull()
})

it('gives whoever only reads no button, and no reason for what came with the platform', () => {
  const { rows } = open('operator')
  expect(rows.flatMap((row) => within(row).queryAllByRole('button'))).toEqual([])
  expect(rows[3]!.textContent).toContain('平台自带')
  expect(rows[3]!.textContent).not.toContain('理由1')
})
