import { describe, expect, it } from 'vitest'

import { hoursOf, isHours, weekOf, type Hours } from './hours'

const armed = (cells: readonly boolean[]): number[] => cells.flatMap((cell, n) => (cell ? [n] : []))

describe('armed hours as a week grid', () => {
  it('shows a night on both sides of midnight', () => {
    const week = weekOf({ daily: ['22:00-06:00'] })!
    expect(week.step).toBe(60)
    expect(week.days.map(armed)).toEqual(Array(7).fill([0, 1, 2, 3, 4, 5, 22, 23]))
    expect(week.holiday).toBeNull()
  })

  it('shows what the rules do, not what was perhaps meant: the weekend ends at midnight', () => {
    const week = weekOf({ workday: ['18:00-08:00'], weekend: ['00:00-24:00'], holiday: ['00:00-24:00'] })!
    expect(armed(week.days[0]!)).toEqual([18, 19, 20, 21, 22, 23])
    expect(armed(week.days[5]!)).toHaveLength(24)
    expect(armed(week.holiday!)).toHaveLength(24)
  })

  it('says that on holidays nothing is armed where no kind of day names them', () => {
    expect(armed(weekOf({ workday: ['09:00-17:00'], weekend: [] })!.holiday!)).toEqual([])
  })

  it.each<[Hours, Hours]>([
    [{ daily: ['22:00-06:00'] }, { daily: ['22:00-06:00'] }],
    [{ daily: ['22:00-24:00', '00:00-06:00'] }, { daily: ['22:00-06:00'] }],
    [{ daily: ['00:00-24:00'] }, { daily: ['00:00-24:00'] }],
    [{ daily: [] }, { daily: [] }],
    [{ daily: ['08:30-12:00', '13:00-17:15'] }, { daily: ['08:30-12:00', '13:00-17:15'] }],
    [{ daily: ['22:00-06:00'], holiday: ['00:00-24:00'] }, { daily: ['22:00-06:00'], holiday: ['00:00-24:00'] }],
    [{ daily: ['09:00-17:00'], holiday: ['20:00-08:00'] }, { daily: ['09:00-17:00'], holiday: ['20:00-08:00'] }],
    [{ workday: ['18:00-24:00'], weekend: ['00:00-24:00'], holiday: [] }, { workday: ['18:00-24:00'], weekend: ['00:00-24:00'], holiday: [] }],
    [{ daily: ['22:00-06:00'], sun: [] }, { mon: ['22:00-06:00'], tue: ['22:00-06:00'], wed: ['22:00-06:00'], thu: ['22:00-06:00'], fri: ['22:00-06:00'], sat: ['22:00-06:00'], sun: [] }],
    [{ daily: ['20:00-20:00'] }, { daily: ['00:00-24:00'] }],
  ])('writes %j as %j, which shows the same week', (kept, written) => {
    expect(hoursOf(weekOf(kept)!)).toEqual(written)
    expect(weekOf(written)!.days).toEqual(weekOf(kept)!.days)
    expect(weekOf(written)!.holiday).toEqual(weekOf(kept)!.holiday)
  })

  it('takes steps as fine as the hours need, and none finer than a quarter', () => {
    expect(weekOf({ daily: ['22:30-06:00'] })!.step).toBe(30)
    expect(weekOf({ daily: ['22:15-06:00'] })!.step).toBe(15)
    expect(weekOf({ daily: ['22:05-06:00'] })).toBeUndefined()
    expect(weekOf({ daily: ['22:00-06:00'] }, 15)!.step).toBe(15)
  })

  it.each([
    [{ daily: ['22:00-06:00'] }, true],
    [{ sundays: ['22:00-06:00'] }, false],
    [{ daily: ['late'] }, false],
    [{ daily: '22:00-06:00' }, false],
    [{ lat: 31 }, false],
    [{}, false],
    [['22:00-06:00'], false],
    [null, false],
  ])('knows %j from other values: %s', (value, known) => {
    expect(isHours(value)).toBe(known)
  })
})
