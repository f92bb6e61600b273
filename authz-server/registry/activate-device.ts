// An operator lets devices take part: only active ones can be paired. A device that its owner revoked needs a release with a reason, which the owner can read.
import { err, ok, type Result } from '../../protocol/result.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { buildDeviceEntry } from '../feed/build-entries.ts'
import type { Device } from '../store/devices-repository.ts'
import type { Repositories } from '../store/repositories.ts'
import { takeTurns } from './take-turns.ts'

export interface Activation {
  readonly activated: readonly string[]
  /** Active already: asking twice changes nothing. */
  readonly unchanged: readonly string[]
  readonly unknown: readonly string[]
  /** Revoked by their owners: each needs a release of its own. */
  readonly needs_release: readonly string[]
}

export const RELEASE_REASON_MAX_CHARACTERS = 200

/** Devices in one transaction: the others have their turn in between. */
const DEVICES_AT_ONCE = 40

/** Those that can be are activated, even if others are not. */
export async function activateDevices(context: Context, ids: readonly string[], now: EpochSeconds): Promise<Activation> {
  const outcome: Outcome = { activated: [], unchanged: [], unknown: [], needs_release: [] }
  for await (const some of takeTurns([...new Set(ids)], DEVICES_AT_ONCE)) {
    await context.store.transaction((repositories) => activateSome(repositories, { ids: some, outcome }, now))
  }
  return outcome
}

type Outcome = { readonly [state in keyof Activation]: string[] }

async function activateSome(
  repositories: Repositories,
  { ids, outcome }: { readonly ids: readonly string[]; readonly outcome: Outcome },
  now: EpochSeconds,
): Promise<void> {
  const entries = []
  for (const id of ids) {
    const device = await repositories.devices.find(id)
    const state = device === undefined ? 'unknown' : await activate(repositories, device, now)
    outcome[state].push(device?.id ?? id)
    if (state === 'activated' && device !== undefined) entries.push(buildDeviceEntry({ ...device, status: 'active' }))
  }
  if (entries.length > 0) await repositories.feedLog.append(entries, now)
}

async function activate({ devices }: Repositories, device: Device, now: EpochSeconds): Promise<Exclude<keyof Activation, 'unknown'>> {
  if (needsRelease(device)) return 'needs_release'
  return (await devices.activate(device.id, now)) ? 'activated' : 'unchanged'
}

/** Databases from before this was recorded do not tell who revoked a device; it may have been its owner. */
function needsRelease({ status, revokedBy }: Device): boolean {
  return status === 'revoked' && revokedBy !== 'operator'
}

export interface Release {
  readonly deviceId: string
  /** Shown to the former owner. */
  readonly reason: string
}

export type ReleaseRefusal = 'device_unknown' | 'reason_unusable' | 'nothing_to_release'

/** The device is active and free again, and its former owner sees when and why. */
export function releaseDevice(context: Context, { deviceId, reason }: Release, now: EpochSeconds): Promise<Result<Device, ReleaseRefusal>> {
  return context.store.transaction(async (repositories): Promise<Result<Device, ReleaseRefusal>> => {
    if (!isReason(reason)) return err('reason_unusable')
    const device = await repositories.devices.find(deviceId)
    if (device === undefined) return err('device_unknown')
    if (device.status !== 'revoked' || !(await repositories.devices.activate(device.id, now))) return err('nothing_to_release')
    const { id, model } = device
    await repositories.deviceHistory.add({ deviceId: id, model, event: 'released', by: 'operator', personId: null, reason: reason.trim(), at: now })
    await repositories.feedLog.append([buildDeviceEntry({ ...device, status: 'active' })], now)
    context.ports.log.warn('device_released', { device_id: id, reason: reason.trim() })
    return ok({ ...device, status: 'active' })
  })
}

function isReason(text: string): boolean {
  return text.trim() !== '' && text.length <= RELEASE_REASON_MAX_CHARACTERS && text.isWellFormed() && !/\p{Cc}/u.test(text)
}
