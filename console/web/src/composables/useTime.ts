import { useI18n } from 'vue-i18n'

import { useNow } from './useNow'

const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false } as const
const DAY = { month: '2-digit', day: '2-digit' } as const
const YEAR = { year: 'numeric', ...DAY } as const
const SHAPES = { today: CLOCK, days: { ...DAY, ...CLOCK }, years: { ...YEAR, ...CLOCK }, day: YEAR } as const
const formats = new Map<string, Intl.DateTimeFormat>()

/** Made once each: making one takes a hundred times as long as using it, and each row of the queue uses it. */
function format(lang: string, shape: keyof typeof SHAPES): Intl.DateTimeFormat {
  const key = `${lang} ${shape}`
  const known = formats.get(key) ?? new Intl.DateTimeFormat(lang, SHAPES[shape])
  formats.set(key, known)
  return known
}

/** Times in the reader's zone and durations in words. */
export function useTime() {
  const { t, locale } = useI18n()
  const now = useNow()
  const lang = (): string => (locale.value === 'zh' ? 'zh-CN' : 'en-GB')

  function age(at: string): string {
    const seconds = Math.max(0, Math.floor((now.value - Date.parse(at)) / 1000))
    if (seconds < 3) return t('time.now')
    if (seconds < 60) return t('time.seconds', { n: seconds })
    if (seconds < 3600) return t('time.minutes', { n: Math.floor(seconds / 60) })
    if (seconds < 86_400) return t('time.hours', { n: Math.floor(seconds / 3600) })
    return t('time.days', { n: Math.floor(seconds / 86_400) })
  }

  /** A day with its year: what was years ago must not look like last month. */
  const day = (at: string): string => format(lang(), 'day').format(new Date(at))

  /** Clock time, with the date where it is not today's, and the year where it is another. */
  function clock(at: string): string {
    const [date, here] = [new Date(at), new Date(now.value)]
    const far = date.getFullYear() !== here.getFullYear() ? 'years' : date.toDateString() !== here.toDateString() ? 'days' : 'today'
    return format(lang(), far).format(date)
  }

  function duration(seconds: number): string {
    const whole = Math.max(0, Math.round(seconds))
    const [d, h, m, s] = [Math.floor(whole / 86_400), Math.floor(whole / 3600), Math.floor(whole / 60), whole % 60]
    if (whole < 60) return t('time.durS', { s: whole })
    if (whole < 3600) return s === 0 ? t('span.minutes', { n: m }) : t('time.durM', { m, s })
    if (whole < 86_400) return m % 60 === 0 ? t('span.hours', { n: h }) : t('time.durH', { h, m: m % 60 })
    return h % 24 === 0 ? t('span.days', { n: d }) : t('time.durD', { d, h: h % 24 })
  }

  /** A limit in words, without the zeros that a stopwatch shows. */
  function span(seconds: number | undefined): string {
    if (seconds === undefined) return ''
    const units = [['days', 86_400], ['hours', 3600], ['minutes', 60], ['seconds', 1]] as const
    const [unit, size] = units.find(([, size]) => seconds >= size && seconds % size === 0) ?? ['seconds', 1]
    return t(`span.${unit}`, { n: seconds / size })
  }

  return { now, age, clock, day, duration, span }
}

/** mm:ss, or h:mm:ss: a countdown is read at a glance. */
export function countdown(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const two = (n: number) => String(n).padStart(2, '0')
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}
