/**
 * Where the rows in sight are drawn: one that stays in sight keeps its slot, a newcomer gets one that was left, so
 * that scrolling changes the words of rows and builds none. The numbers are those of the rows, in their order.
 */
export function slotted(before: ReadonlyMap<number, number>, ids: readonly number[]): Map<number, number> {
  const kept = new Set(ids.flatMap((id) => before.get(id) ?? []))
  let free = 0
  const next = (): number => {
    while (kept.has(free)) free += 1
    return free++
  }
  return new Map(ids.map((id) => [id, before.get(id) ?? next()]))
}
