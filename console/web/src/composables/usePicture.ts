import { onBeforeUnmount, shallowRef } from 'vue'

import { api, ask, write } from '@/api/client'
import { Problem } from '@/api/problem'
import type { SnapshotState } from '@/api/types'

import { useAsync } from './useAsync'

/** A stored picture and its clip. They need the bearer token, which an <img> cannot send: hence object URLs. */
export function usePicture() {
  const { pending, failure, run } = useAsync()
  const picture = shallowRef<string | null>(null)
  const clip = shallowRef<string | null>(null)
  const there = shallowRef<SnapshotState | null>(null)
  const gone = shallowRef(false)

  function forget(): void {
    for (const url of [picture.value, clip.value]) if (url) URL.revokeObjectURL(url)
    picture.value = clip.value = there.value = null
    gone.value = false
  }
  onBeforeUnmount(forget)

  async function fetched(path: string, reason: string, alert?: number): Promise<string | undefined> {
    const query = alert === undefined ? { reason } : { reason, alert }
    return await run(async () => {
      try {
        const blob = await ask(api.GET('/api/snapshots/{path}', { params: { path: { path }, query }, parseAs: 'blob' }))
        return URL.createObjectURL(blob as unknown as Blob)
      } catch (problem) {
        if (!(problem instanceof Problem) || problem.status !== 404) throw problem
        gone.value = true
        return undefined
      }
    })
  }

  async function look(path: string, reason: string, alert?: number): Promise<void> {
    forget()
    const url = await fetched(path, reason, alert)
    if (url === undefined) return
    picture.value = url
    there.value = (await run(() => ask(api.GET('/api/snapshot-state/{path}', { params: { path: { path } } })))) ?? null
  }

  async function play(path: string, reason: string, alert?: number): Promise<void> {
    const url = await fetched(path.replace(/\.\w+$/, '.webm'), reason, alert)
    gone.value = false
    if (url) clip.value = url
    else if (there.value) there.value = { ...there.value, clip: false }
  }

  async function hold(ref: string, on: boolean, reason: string, alert?: number): Promise<void> {
    const body = { ref, hold: on, reason, alert: alert ?? null }
    const answer = await run(() => write((key) => api.POST('/api/snapshot-holds', { params: { header: { 'Idempotency-Key': key } }, body })))
    if (answer) there.value = answer
  }

  return { pending, failure, picture, clip, there, gone, look, play, hold, forget }
}
