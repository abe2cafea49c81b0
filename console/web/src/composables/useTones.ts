/** Generated tones: no audio file, and nothing sounds before a gesture has unlocked the browser. */
interface Note {
  hertz: number
  at: number
  length: number
}

const URGENT: readonly Note[] = [0, 0.24, 0.48].flatMap((at) => [
  { hertz: 960, at, length: 0.11 },
  { hertz: 720, at: at + 0.12, length: 0.11 },
])
const CHIMES: Record<number, readonly Note[]> = {
  2: [
    { hertz: 880, at: 0, length: 0.16 },
    { hertz: 660, at: 0.2, length: 0.24 },
  ],
  3: [{ hertz: 587, at: 0, length: 0.22 }],
  4: [{ hertz: 440, at: 0, length: 0.14 }],
}
const URGENT_EVERY_MS = 1300

export function useTones() {
  let context: AudioContext | null = null
  let ringer: ReturnType<typeof setInterval> | null = null

  /** Call from a click: browsers refuse sound otherwise. */
  async function unlock(): Promise<boolean> {
    context ??= new AudioContext()
    await context.resume()
    return context.state === 'running'
  }

  function play(notes: readonly Note[], volume: number): void {
    if (context?.state !== 'running') return
    for (const note of notes) {
      const start = context.currentTime + note.at
      const oscillator = new OscillatorNode(context, { type: 'square', frequency: note.hertz })
      const gain = new GainNode(context, { gain: 0 })
      gain.gain.setValueAtTime(0, start)
      gain.gain.linearRampToValueAtTime(volume, start + 0.01)
      gain.gain.setValueAtTime(volume, start + note.length - 0.02)
      gain.gain.linearRampToValueAtTime(0, start + note.length)
      oscillator.connect(gain).connect(context.destination)
      oscillator.start(start)
      oscillator.stop(start + note.length)
    }
  }

  function ring(on: boolean): void {
    if (on && !ringer) {
      play(URGENT, 0.3)
      ringer = setInterval(() => play(URGENT, 0.3), URGENT_EVERY_MS)
    } else if (!on && ringer) {
      clearInterval(ringer)
      ringer = null
    }
  }

  function chime(severity: number): void {
    play(CHIMES[severity] ?? [], 0.15)
  }

  return { unlock, ring, chime }
}
