/** Server-Sent Events, from text to messages (WHATWG HTML, section 9.2.6); no I/O. */
export interface Message {
  id: string
  event: string
  data: string
}

export class SseParser {
  private rest = ''
  private lastId = ''
  private event = ''
  private data: string[] = []

  /** Take the next piece of the stream, wherever it was cut; answer the messages it completes. */
  push(chunk: string): Message[] {
    const done: Message[] = []
    const text = this.rest + chunk
    // A lone CR at the end may be half of a CRLF: wait for what follows.
    const end = text.endsWith('\r') ? text.length - 1 : text.length
    const lines = text.slice(0, end).split(/\r\n|\n|\r/)
    this.rest = (lines.pop() ?? '') + text.slice(end)
    for (const line of lines) {
      if (line === '') {
        const message = this.dispatch()
        if (message) done.push(message)
      } else {
        this.field(line)
      }
    }
    return done
  }

  private field(line: string): void {
    const colon = line.indexOf(':')
    if (colon === 0) return // a comment
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (name === 'event') this.event = value
    else if (name === 'data') this.data.push(value)
    else if (name === 'id' && !value.includes('\0')) this.lastId = value
  }

  private dispatch(): Message | null {
    const message = { id: this.lastId, event: this.event || 'message', data: this.data.join('\n') }
    const empty = this.data.length === 0
    this.event = ''
    this.data = []
    return empty ? null : message
  }
}
