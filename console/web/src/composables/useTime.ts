import { useI18n } from 'vue-i18n'

import { useNow } from './useNow'

/** Times in the reader's zone and durations in words. */
export function useTime() {
  const { t, locale } = useI18n()
  const now = useNow()

  function age(at: string): string {
    const seconds = Math.max(0, Math.floor((now.value - Date.parse(at)) / 1000))
    if (seconds < 3) return t('time.now')
    if (seconds < 60) return t('time.seconds', { n: seconds })
    if (seconds < 3600) return t('time.minutes', { n: Math.floor(seconds / 60) })
    if (seconds < 86_400) return t('time.hours', { n: Math.floor(seconds / 3600) })
    return t('time.days', { n: Math.floor(seconds / 86_400) })
  }

  /** Clock time, with the date where it is not today's. */
  function clock(at: string): string {
    const date = new Date(at)
    const today = date.toDateString() === new Date(now.value).toDateString()
    return new Intl.DateTimeFormat(locale.value === 'zh' ? 'zh-CN' : 'en-GB', {
      ...(today ? {} : { month: '2-digit', day: '2-digit' }),
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hour12: false,
    }).format(date)
  }

  function duration(seconds: number): string {
    const whole = Math.max(0, Math.round(seconds))
    const [d, h, m, s] = [Math.floor(whole / 86_400), Math.floor(whole / 3600), Math.floor(whole / 60), whole % 60]
    if (whole < 60) return t('time.durS', { s: whole })
    if (whole < 3600) return t('time.durM', { m, s })
    if (whole < 86_400) return t('time.durH', { h, m: m % 60 })
    return t('time.durD', { d, h: h % 24 })
  }

  /** A limit in words, without the zeros that a stopwatch shows. */
  function span(seconds: number | undefined): string {
    if (seconds === undefined) return ''
    const units = [['days', 86_400], ['hours', 3600], ['minutes', 60], ['seconds', 1]] as const
    const [unit, size] = units.find(([, size]) => seconds >= size && seconds % size === 0) ?? ['seconds', 1]
    return t(`span.${unit}`, { n: seconds / size })
  }

  return { now, age, clock, duration, span }
}

/** mm:ss, or h:mm:ss: a countdown is read at a glance. */
export function countdown(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const two = (n: number) => String(n).padStart(2, '0')
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}
