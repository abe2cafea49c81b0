import { openDB, type DBSchema, type IDBPDatabase } from 'idb'

import type { Notice, Waiting } from './moves'

/** What the phone keeps: it survives a closed page, an empty battery and the end of the session. */
interface FieldDB extends DBSchema {
  waiting: { key: number; value: Waiting; indexes: { key: string } }
  notices: { key: string; value: Notice }
  known: { key: string; value: unknown } // orders and words as last heard, by user
}

let database: Promise<IDBPDatabase<FieldDB>> | undefined

function open(): Promise<IDBPDatabase<FieldDB>> {
  database ??= openDB<FieldDB>('shequ-field', 1, {
    upgrade(db) {
      db.createObjectStore('waiting', { keyPath: 'seq', autoIncrement: true }).createIndex('key', 'key', { unique: true })
      db.createObjectStore('notices', { keyPath: 'key' })
      db.createObjectStore('known')
    },
  })
  return database
}

export async function enqueue(items: readonly Waiting[]): Promise<void> {
  const change = (await open()).transaction('waiting', 'readwrite')
  await Promise.all([...items.map((item) => change.store.add(item)), change.done])
}

/** In the order in which the person acted. */
export async function waitingItems(): Promise<Waiting[]> {
  return (await open()).getAll('waiting')
}

export async function update(item: Waiting): Promise<void> {
  await (await open()).put('waiting', item)
}

export async function remove(seqs: readonly number[]): Promise<void> {
  const change = (await open()).transaction('waiting', 'readwrite')
  await Promise.all([...seqs.map((seq) => change.store.delete(seq)), change.done])
}

export async function notices(): Promise<Notice[]> {
  return (await open()).getAll('notices')
}

export async function addNotice(notice: Notice): Promise<void> {
  await (await open()).put('notices', notice)
}

export async function dropNotice(key: string): Promise<void> {
  await (await open()).delete('notices', key)
}

export async function remember(name: string, value: unknown): Promise<void> {
  await (await open()).put('known', JSON.parse(JSON.stringify(value)) as unknown, name)
}

export async function recall<T>(name: string): Promise<T | undefined> {
  return (await (await open()).get('known', name)) as T | undefined
}
