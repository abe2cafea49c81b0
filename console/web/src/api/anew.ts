const WAIT_MS = 1_000

/** Open `path` as a new page as soon as the server answers again; the old page's code may name files that are gone. */
export async function openAnew(path: string, go: (path: string) => void = (to) => window.location.assign(to), wait = rest): Promise<void> {
  do await wait(WAIT_MS)
  while (!(await answers()))
  go(path)
}

const answers = (): Promise<boolean> =>
  fetch('/healthz', { cache: 'no-store' }).then(
    ({ ok }) => ok,
    () => false,
  )

const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
