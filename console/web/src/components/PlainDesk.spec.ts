import { expect, it } from 'vitest'

import { show } from '@/testing'

import PlainDesk from './PlainDesk.vue'

it('stands around the page with the bar alone: no feed, no banner, nothing asked of the server', () => {
  const { container } = show(PlainDesk, { role: 'auditor', stubs: { TopBar: { template: '<header>bar</header>' }, RouterView: { template: '<i>page</i>' } } })
  expect([...container.firstElementChild!.children].map((one) => [one.tagName, one.textContent])).toEqual([['HEADER', 'bar'], ['MAIN', 'page']])
})
