// What has become of a code that a person typed: still open, answered by them or by another account, ended, or expired. Reads what is so now; changes nothing.
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import type { Device } from '../store/devices-repository.ts'
import type { Pairing } from '../store/pairings-repository.ts'
import type { Repositories } from '../store/repositories.ts'
import { isWaiting } from './pairing.ts'
import { buildPendingPairing, type PendingPairing } from './pending-pairing.ts'

export type PairingState =
  | { readonly kind: 'waiting'; readonly asking: PendingPairing }
  /** This person said yes and it holds. It can be undone unless the device was theirs before and has its tokens. */
  | { readonly kind: 'connected'; readonly asking: PendingPairing; readonly canUndo: boolean }
  /** This person said no, or took their yes back. */
  | { readonly kind: 'refused'; readonly asking: PendingPairing }
  /** This person said yes, and it has ended since. */
  | { readonly kind: 'ended'; readonly asking: PendingPairing }
  | { readonly kind: 'answered_by_another' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'unknown' }

export interface TypedByPerson {
  readonly pairingId: string
  readonly personId: string
}

export async function findPairingState(context: Context, { pairingId, personId }: TypedByPerson, now: EpochSeconds): Promise<PairingState> {
  const { read } = context.store
  const pairing = await read.pairings.find(pairingId)
  if (pairing === undefined) return { kind: 'unknown' }
  if (pairing.status === 'pending' && !isWaiting(pairing, now)) return { kind: 'expired' }
  const device = pairing.deviceId === null ? undefined : await read.devices.find(pairing.deviceId)
  const asking = buildPendingPairing(context, pairing, device)
  if (pairing.status === 'pending') return { kind: 'waiting', asking }
  if (pairing.personId !== personId) return { kind: 'answered_by_another' }
  if (pairing.status === 'denied') return { kind: 'refused', asking }
  if (!(await isConnected(read, { pairing, device, personId }, now))) return { kind: 'ended', asking }
  return { kind: 'connected', asking, canUndo: device === undefined || pairing.status === 'approved' || isOwnershipOf(pairing, device) }
}

/** The pairing that made the device theirs, and nothing has changed hands since. */
export function isOwnershipOf(pairing: Pick<Pairing, 'epochGiven' | 'personId'>, device: Pick<Device, 'epoch' | 'owner'>): boolean {
  return pairing.epochGiven === device.epoch && pairing.personId === device.owner
}

async function isConnected(
  read: Pick<Repositories, 'grants'>,
  { pairing, device, personId }: { readonly pairing: Pairing; readonly device: Device | undefined; readonly personId: string },
  now: EpochSeconds,
): Promise<boolean> {
  if (device !== undefined) return device.owner === personId && device.status === 'active'
  if (pairing.status === 'approved') return pairing.expiresAt > now
  const { clientId, jkt } = pairing
  // An app that has not bound a key yet has no tokens.
  return jkt !== null && (await read.grants.listOfApp({ clientId, personId, jkt })).length > 0
}
