/** Where a line and a column (both from 1) stand in a text; a place outside it is moved to its edge. */
export function offsetOf(text: string, line: number, column: number): number {
  const lines = text.split('\n')
  const row = Math.min(Math.max(line, 1), lines.length) - 1
  const before = lines.slice(0, row).reduce((sum, one) => sum + one.length + 1, 0)
  return before + Math.min(Math.max(column, 1) - 1, lines[row]!.length)
}
