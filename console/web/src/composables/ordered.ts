type Compare<T> = (a: T, b: T) => number

/** Where a value stands or would stand in a sorted list: a dozen comparisons among ten thousand. */
function position<T>(sorted: readonly T[], value: T, compare: Compare<T>): number {
  let [from, to] = [0, sorted.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (compare(sorted[middle]!, value) < 0) from = middle + 1
    else to = middle
  }
  return from
}

/** Put a value into a sorted list; the list itself changes, for it may be long. */
export function put<T>(sorted: T[], value: T, compare: Compare<T>): void {
  sorted.splice(position(sorted, value, compare), 0, value)
}

/** Take a value out of a sorted list; nothing happens where it is not in it. `compare` must tell any two apart. */
export function drop<T>(sorted: T[], value: T, compare: Compare<T>): void {
  const at = position(sorted, value, compare)
  if (sorted[at] === value) sorted.splice(at, 1)
}
