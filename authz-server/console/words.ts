// Small phrases that several pages share: lists, spans of time, days. English only for now.
import type { EpochSeconds } from '../../protocol/time.ts'

/** `a`, `a and b`, `a, b and c`. */
export function listInWords(items: readonly string[]): string {
  const last = items.at(-1) ?? ''
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`
}

export function agoInWords(then: EpochSeconds, now: EpochSeconds): string {
  const seconds = Math.max(0, now - then)
  if (seconds < 60) return 'less than a minute ago'
  if (seconds < 3600) return `${count(Math.floor(seconds / 60), 'minute')} ago`
  if (seconds < 86_400) return `${count(Math.floor(seconds / 3600), 'hour')} ago`
  return `${count(Math.floor(seconds / 86_400), 'day')} ago`
}

export function waitInWords(seconds: number): string {
  return seconds < 60 ? count(Math.ceil(seconds), 'second') : count(Math.ceil(seconds / 60), 'minute')
}

/** `2026-11-23`, in UTC. */
export function dayOf(at: EpochSeconds): string {
  return new Date(at * 1000).toISOString().slice(0, 10)
}

/** `23 November 2026, 08:05 UTC`. */
export function instantInWords(at: EpochSeconds): string {
  return `${new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZone: 'UTC' }).format(new Date(at * 1000)).replace(' at ', ', ')} UTC`
}

export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`
}
