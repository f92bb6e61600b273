// How old the state in force is, and whether this machine's clock can be believed. Pure: both clocks come in as values.
import type { EpochSeconds, MonotonicSeconds } from '../../protocol/time.ts'
import { FEED_AHEAD_SECONDS } from '../limits.ts'
import type { Heard } from './feed-keeper.ts'

/** Seconds since the newest message was signed. The greater of two readings: a wall clock can be set back, a monotonic one stands still while the machine sleeps. */
export function ageOf({ signedAt, ageAtArrival, arrivedAt }: Heard, now: EpochSeconds, monotonicNow: MonotonicSeconds): number {
  return Math.max(now - signedAt, ageAtArrival + monotonicNow - arrivedAt)
}

/** By how many seconds this clock is behind the time that the authz server has proved. Tokens that have expired would look alive by it. */
export function secondsBehind({ signedAt, arrivedAt }: Heard, now: EpochSeconds, monotonicNow: MonotonicSeconds): number {
  return signedAt + monotonicNow - arrivedAt - now
}

export function isClockPlausible(heard: Heard, now: EpochSeconds, monotonicNow: MonotonicSeconds): boolean {
  return secondsBehind(heard, now, monotonicNow) <= FEED_AHEAD_SECONDS
}
