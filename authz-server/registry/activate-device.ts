// An operator lets devices take part: only active ones can be paired. One that was revoked starts anew, as nobody's.
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { buildDeviceEntry } from '../feed/build-entries.ts'

export interface Activation {
  readonly activated: readonly string[]
  /** Active already: asking twice changes nothing. */
  readonly unchanged: readonly string[]
  readonly unknown: readonly string[]
}

/** Those that are known are activated, even if others are not. */
export function activateDevices(context: Context, ids: readonly string[], now: EpochSeconds): Promise<Activation> {
  return context.store.transaction(async ({ devices, feedLog }) => {
    const outcome: { readonly [state in keyof Activation]: string[] } = { activated: [], unchanged: [], unknown: [] }
    const entries = []
    for (const id of new Set(ids)) {
      const isChanged = await devices.activate(id, now)
      const device = await devices.find(id)
      outcome[device === undefined ? 'unknown' : isChanged ? 'activated' : 'unchanged'].push(id)
      if (isChanged && device !== undefined) entries.push(buildDeviceEntry(device))
    }
    if (entries.length > 0) await feedLog.append(entries, now)
    return outcome
  })
}
