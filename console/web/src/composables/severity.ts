/** Octagon, triangle, square, circle, in a box of 28: a severity is known without any colour. */
export const SEVERITY_SHAPES: Readonly<Record<number, string>> = {
  1: 'M8 1h12l7 7v12l-7 7H8l-7-7V8z',
  2: 'M14 1.5 27.5 26H.5z',
  3: 'M2 2h24v24H2z',
  4: 'M14 1a13 13 0 1 1 0 26a13 13 0 1 1 0-26z',
}
