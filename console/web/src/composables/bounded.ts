interface Numbered {
  id: number
}

/**
 * Bounds a map that the feed fills for weeks: the function it returns, called after each change, forgets what is
 * over but the newest `kept`. What is not over stays, however much. It looks again only when as many more have come.
 */
export function bounded<T extends Numbered>(byId: Map<number, T>, over: (one: T) => boolean, kept: number): () => void {
  let room = 2 * kept
  return () => {
    if (byId.size <= room) return
    const done = [...byId.values()].filter(over).sort((a, b) => a.id - b.id)
    for (const { id } of done.slice(0, -kept)) byId.delete(id)
    room = byId.size + kept
  }
}
