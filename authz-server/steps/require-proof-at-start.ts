// The proof at the device authorization endpoint: required for devices, optional for apps, unless the configuration says otherwise (`proof_at_start`).
import { parseJws } from '../../protocol/jws.ts'
import type { Context } from '../context.ts'
import type { Answer, Exchange } from '../http/exchange.ts'
import { DEVICE_CLIENT_PREFIX, findDeviceType } from '../registry/device-type.ts'
import { readPresentedClient } from './read-presented-client.ts'
import { readHeaderLines, requireProof } from './require-proof.ts'

/** A proof that was sent is always checked. Runs before the client is authenticated, so a refusal says nothing about who exists. */
export async function requireProofAtStart(exchange: Exchange, context: Context): Promise<Answer | undefined> {
  if (readHeaderLines(exchange, 'dpop').length > 0) return requireProof(exchange, context)
  const presented = readPresentedClient(exchange)
  if (!presented.ok) return presented.error
  const clientId = presented.value.kind === 'name' ? presented.value.clientId : readSubject(presented.value.assertion)
  return (await isProofOptional(clientId, context)) ? undefined : requireProof(exchange, context)
}

/** Not verified here: authenticate-client.ts comes next, and refuses an assertion that is not the client's. */
function readSubject(assertion: string): string {
  const jws = parseJws(assertion)
  const sub = jws.ok ? jws.value.payload['sub'] : undefined
  return typeof sub === 'string' ? sub : ''
}

async function isProofOptional(clientId: string, context: Context): Promise<boolean> {
  if (!clientId.startsWith(DEVICE_CLIENT_PREFIX)) {
    const client = context.config.clients.find((known) => known.client_id === clientId)
    return client !== undefined && client.proof_at_start !== 'required'
  }
  const device = await context.store.read.devices.find(clientId.slice(DEVICE_CLIENT_PREFIX.length))
  return device?.status === 'active' && findDeviceType(context.config, device.kind)?.proof_at_start === 'optional'
}
