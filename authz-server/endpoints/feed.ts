// What a sidecar reads (scope `feed`): a snapshot, the stream of changes, and compiled policies by their digest.
import { parseBase64url } from '../../protocol/encoding.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { Context } from '../context.ts'
import { buildSnapshot } from '../feed/build-snapshot.ts'
import { followChanges } from '../feed/follow-changes.ts'
import { signMessage } from '../feed/sign-message.ts'
import { type Answer, answerJson, type Exchange, requireFact } from '../http/exchange.ts'
import { refuseOAuth } from '../steps/refuse-oauth.ts'
import { listResourceServers } from '../uma/resource-servers.ts'

const STREAM_TYPE = 'text/event-stream'
/** A digest names one content for ever. */
const IMMUTABLE = { 'cache-control': 'private, max-age=31536000, immutable' }

export async function feedSnapshot(exchange: Exchange, context: Context): Promise<Answer> {
  const resourceServer = findResourceServer(exchange, context)
  if (!resourceServer.ok) return resourceServer.error
  const { revision, entries } = await buildSnapshot(context, resourceServer.value, exchange.now)
  const content = { kind: 'snapshot', revision, previous: 0, entries } as const
  const text = signMessage(context, { resourceServer: resourceServer.value, content }, exchange.now)
  return { status: 200, body: { kind: 'bytes', type: 'application/jwt', bytes: Buffer.from(text) } }
}

export async function feedStream(exchange: Exchange, context: Context): Promise<Answer> {
  const resourceServer = findResourceServer(exchange, context)
  if (!resourceServer.ok) return resourceServer.error
  const after = readRevision(exchange.query.get('after'))
  if (after === undefined) return refuseOAuth('invalid_request', 'after must be the revision of the last message, a whole number')
  if (!(await isInLog(context, after))) return answerJson(410, { error: 'revision_unavailable', error_description: 'take a snapshot first' })
  const token = requireFact(exchange.token, 'requireToken')
  const open = async (write: (text: string) => Promise<void>, gone: AbortSignal) => {
    const close = context.monitor.streamOpened(token.client_id)
    await followChanges(context, { resourceServer: resourceServer.value, after, token, write, gone }).finally(close)
  }
  return { status: 200, body: { kind: 'stream', type: STREAM_TYPE, open } }
}

export async function artifact(exchange: Exchange, context: Context): Promise<Answer> {
  const digest = exchange.pathValues.get('digest') ?? ''
  const wasm = parseBase64url(digest) === undefined ? undefined : await context.store.read.artifacts.find(digest)
  if (wasm === undefined) return refuseOAuth('not_found', 'no such artifact')
  return { status: 200, headers: IMMUTABLE, body: { kind: 'bytes', type: 'application/wasm', bytes: wasm } }
}

/** The one that the client speaks for; `?resource_server=` if it speaks for several. */
function findResourceServer(exchange: Exchange, context: Context): Result<string, Answer> {
  const own = listResourceServers(context, requireFact(exchange.token, 'requireToken').client_id)
  const asked = exchange.query.get('resource_server')
  const [only] = asked === null ? own : own.filter((id) => id === asked)
  if (only === undefined) return err(refuseOAuth('invalid_target', 'this client speaks for no such resource server'))
  if (asked === null && own.length > 1) return err(refuseOAuth('invalid_target', `name one with ?resource_server=: ${own.join(', ')}`))
  return ok(only)
}

function readRevision(text: string | null): number | undefined {
  if (text === null || !/^\d{1,15}$/.test(text)) return undefined
  return Number(text)
}

/** Too old: changes after it are forgotten. Too new: our database was restored from a backup. */
async function isInLog(context: Context, after: number): Promise<boolean> {
  const { feedLog } = context.store.read
  const oldest = await feedLog.oldestRevision()
  return oldest === undefined ? after === 0 : after >= oldest - 1 && after <= (await feedLog.newestRevision())
}
