// The moments at which conditions on time may change their answer, daylight saving included. It reads no clock: all begins at a moment it is given.
import type { Mark } from '../conditions/condition-kind.ts'
import { DAY_MILLISECONDS } from '../conditions/instant.ts'
import { readWallClock } from '../conditions/wall-clock.ts'

export type TimeMark = Extract<Mark, { readonly fact: 'instant' | 'clock' | 'date' }>

/** A year has every combination of weekday, date and offsets that rules know, and a month more reaches over its ends. */
export const HORIZON_DAYS = 400
/** Within one span between dates, instants and moves of the clock, all comes back after a week; a day more reaches over its end. */
const WEEK_DAYS = 8
const MINUTE_MILLISECONDS = 60_000

export function isTimeMark(mark: Mark): mark is TimeMark {
  return mark.fact === 'instant' || mark.fact === 'clock' || mark.fact === 'date'
}

interface Span {
  readonly marks: readonly TimeMark[]
  /** Milliseconds since 1970. */
  readonly from: number
}

/** In order, without repeats, none before `from`, which is the first. Some may change nothing; no change lies between two neighbours. */
export function changePoints({ marks, from, days }: Span & { readonly days: number }): readonly number[] {
  const end = from + days * DAY_MILLISECONDS
  const zones = [...new Set(marks.flatMap(zoneOf))]
  const clocks = new Map(zones.map((zone) => [zone, offsetsIn(zone, from, end)]))
  const moments = marks.flatMap((mark) =>
    mark.fact === 'clock' ? clockMoments(mark, { from, end, offsets: clocks.get(mark.timezone) ?? [] }) : momentsOf(mark),
  )
  const moves = [...clocks].flatMap(([zone, offsets]) => (offsets.length > 1 ? movesIn(zone, from, end) : []))
  return sorted([from, ...moments, ...moves]).filter((moment) => moment >= from && moment <= end)
}

/** Moments that show every combination of answers from `from` on: after each date and instant a week, and where zones meet, each of their offsets. */
export function samplePoints({ marks, from }: Span): readonly number[] {
  const zones = [...new Set(marks.flatMap(zoneOf))]
  const starts = absoluteMoments({ marks, from })
  const moves = zones.length > 1 ? starts.flatMap((start) => zones.flatMap((zone) => movesIn(zone, start, start + HORIZON_DAYS * DAY_MILLISECONDS))) : []
  return sorted(sorted([...starts, ...moves]).flatMap((start) => changePoints({ marks, from: start, days: WEEK_DAYS })))
}

/** `from`, and each later date and instant. */
export function absoluteMoments({ marks, from }: Span): readonly number[] {
  return sorted([from, ...marks.flatMap((mark) => (mark.fact === 'clock' ? [] : momentsOf(mark)))]).filter((moment) => moment >= from)
}

/** The first moment after `from` that fits; searched a year long after it and after each later date and instant. */
export function findMoment(span: Span, fits: (moment: number) => boolean): number | undefined {
  for (const start of absoluteMoments(span)) {
    for (let day = 0; day < HORIZON_DAYS; day += WEEK_DAYS) {
      const points = changePoints({ ...span, from: start + day * DAY_MILLISECONDS, days: WEEK_DAYS })
      const found = points.find((moment) => moment > span.from && fits(moment))
      if (found !== undefined) return found
    }
  }
  return undefined
}

function zoneOf(mark: TimeMark): readonly string[] {
  return mark.fact === 'instant' ? [] : [mark.timezone]
}

function momentsOf(mark: Exclude<TimeMark, { readonly fact: 'clock' }>): readonly number[] {
  if (mark.fact === 'instant') return [Date.parse(mark.at)]
  // A day begins at midnight, or where the clock jumps over it, at the end of the gap.
  const wall = Date.UTC(mark.date[0], mark.date[1] - 1, mark.date[2])
  const [from, end] = [wall - DAY_MILLISECONDS, wall + DAY_MILLISECONDS]
  const offsets = offsetsIn(mark.timezone, from, end)
  const moves = offsets.length > 1 ? movesIn(mark.timezone, from, end) : []
  return [...offsets.map((offset) => wall - offset), ...moves]
}

interface Window {
  readonly from: number
  readonly end: number
  readonly offsets: readonly number[]
}

/** Once for each day and each offset of the window: in a doubled hour both, in a missing one the end of the gap is among the moves. */
function clockMoments({ minute }: Extract<TimeMark, { readonly fact: 'clock' }>, { from, end, offsets }: Window): readonly number[] {
  const first = Math.floor(from / DAY_MILLISECONDS) - 1
  const days = Math.ceil((end - from) / DAY_MILLISECONDS) + 3
  return Array.from({ length: days }, (_, index) => (first + index) * DAY_MILLISECONDS + minute * MINUTE_MILLISECONDS).flatMap((wall) =>
    offsets.map((offset) => wall - offset),
  )
}

/** No zone moves its clock to and back within the days of a window. */
function offsetsIn(zone: string, from: number, end: number): readonly number[] {
  return [...new Set([offsetAt(zone, from - DAY_MILLISECONDS), offsetAt(zone, end + DAY_MILLISECONDS)])]
}

/** The moments at which the clock of a zone is moved. */
function movesIn(zone: string, from: number, end: number): readonly number[] {
  const [first, last] = [Math.floor(from / SPAN_MILLISECONDS), Math.floor(end / SPAN_MILLISECONDS)]
  const spans = Array.from({ length: last - first + 1 }, (_, index) => moveOfSpan(zone, first + index))
  return spans.flatMap((moment) => (moment !== undefined && moment >= from && moment <= end ? [moment] : []))
}

const SPAN_MILLISECONDS = WEEK_DAYS * DAY_MILLISECONDS
// Each costs two look-ups in the zone data, and tables ask for the same year again and again.
const knownMoves = new Map<string, Map<number, number | undefined>>()

/** The move in one of the spans that are counted from 1970 on. */
function moveOfSpan(zone: string, span: number): number | undefined {
  const spans = knownMoves.get(zone) ?? new Map<number, number | undefined>()
  knownMoves.set(zone, spans)
  if (spans.has(span)) return spans.get(span)
  // One that falls on the very start of a span belongs to it.
  const [start, end] = [span * SPAN_MILLISECONDS - 1, (span + 1) * SPAN_MILLISECONDS - 1]
  const move = offsetAt(zone, start) === offsetAt(zone, end) ? undefined : moveBetween(zone, start, end)
  spans.set(span, move)
  return move
}

function moveBetween(zone: string, start: number, end: number): number {
  const before = offsetAt(zone, start)
  let [low, high] = [start, end]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetAt(zone, middle) === before) low = middle
    else high = middle
  }
  return high
}

/** How far the clock of the zone is ahead of UTC, in milliseconds. */
function offsetAt(zone: string, moment: number): number {
  const { year, month, day, hour, minute, second } = readWallClock(moment, zone)
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(moment / 1000) * 1000
}

function sorted(moments: readonly number[]): readonly number[] {
  return [...new Set(moments)].sort((a, b) => a - b)
}
