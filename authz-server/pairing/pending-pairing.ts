// What asks to be paired, in every detail that a person needs to tell their own device from a stranger's (RFC 8628 section 5.4). Holds no code.
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import { fillTemplate, findDeviceType } from '../registry/device-type.ts'
import type { Device } from '../store/devices-repository.ts'
import type { Pairing } from '../store/pairings-repository.ts'

export interface PendingPairing {
  readonly id: string
  readonly clientId: string
  readonly asking:
    | { readonly kind: 'device'; readonly deviceKind: string; readonly model: string; readonly idTail: string; readonly things: readonly string[] }
    | { readonly kind: 'app'; readonly name: string }
  /** Thumbprint of its key, from which the fingerprint words are made. Null: an app that has not proved a key yet. */
  readonly jkt: string | null
  readonly scopes: readonly string[]
  /** Where it asked from, as its socket told. */
  readonly address: string
  readonly createdAt: EpochSeconds
  readonly expiresAt: EpochSeconds
}

const ID_TAIL_CHARACTERS = 4

export function buildPendingPairing(context: Context, pairing: Pairing, device: Device | undefined): PendingPairing {
  const { id, clientId, jkt, scope: scopes, address, createdAt, expiresAt } = pairing
  return { id, clientId, asking: describeAsking(context, clientId, device), jkt, scopes, address, createdAt, expiresAt }
}

function describeAsking(context: Context, clientId: string, device: Device | undefined): PendingPairing['asking'] {
  if (device === undefined) return { kind: 'app', name: context.config.clients.find((client) => client.client_id === clientId)?.name ?? clientId }
  const templates = findDeviceType(context.config, device.kind)?.resources ?? []
  return {
    kind: 'device',
    deviceKind: device.kind,
    model: device.model,
    idTail: device.id.slice(-ID_TAIL_CHARACTERS),
    things: templates.map((template) => fillTemplate(template, device.id).name),
  }
}
