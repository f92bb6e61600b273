// What a sidecar reads (scope `feed`): a snapshot, the stream of changes, and compiled policies by their digest.
import { parseBase64url } from '../../protocol/encoding.ts'
import { FEED_NONCE_MAX_CHARACTERS, type FeedPositionRefusal } from '../../protocol/feed/messages.ts'
import { err, ok, type Result } from '../../protocol/result.ts'
import type { Context } from '../context.ts'
import { buildSnapshot } from '../feed/build-snapshot.ts'
import { buildFeedIncarnation } from '../feed/feed-incarnation.ts'
import { followChanges } from '../feed/follow-changes.ts'
import { signMessage } from '../feed/sign-message.ts'
import { type Answer, answerJson, type Exchange, requireFact } from '../http/exchange.ts'
import { refuseOAuth } from '../steps/refuse-oauth.ts'
import type { LogPosition } from '../store/feed-log-repository.ts'
import { listResourceServers } from '../uma/resource-servers.ts'

const STREAM_TYPE = 'text/event-stream'
const NONCE_REMEDY = 'nonce must be at most 100 letters, digits, "-" or "_"'
/** A digest names one content for ever. */
const IMMUTABLE = { 'cache-control': 'private, max-age=31536000, immutable' }

export async function feedSnapshot(exchange: Exchange, context: Context): Promise<Answer> {
  const resourceServer = findResourceServer(exchange, context)
  if (!resourceServer.ok) return resourceServer.error
  const nonce = readNonce(exchange.query)
  if (nonce === undefined) return refuseOAuth('invalid_request', NONCE_REMEDY)
  const snapshot = await buildSnapshot(context, resourceServer.value, exchange.now)
  const content = { kind: 'snapshot', nonce, previous: 0, previous_digest: '', ...snapshot } as const
  const text = signMessage(context, { resourceServer: resourceServer.value, content }, exchange.now)
  return { status: 200, body: { kind: 'bytes', type: 'application/jwt', bytes: Buffer.from(text) } }
}

export async function feedStream(exchange: Exchange, context: Context): Promise<Answer> {
  const resourceServer = findResourceServer(exchange, context)
  if (!resourceServer.ok) return resourceServer.error
  const nonce = readNonce(exchange.query)
  if (nonce === undefined) return refuseOAuth('invalid_request', NONCE_REMEDY)
  const revision = readRevision(exchange.query.get('after'))
  if (revision === undefined) return refuseOAuth('invalid_request', 'after must be the revision of the last message, a whole number')
  const after = await findPosition(context, { revision, resourceServer: resourceServer.value, query: exchange.query })
  if (!after.ok) return answerJson(410, { error: after.error, error_description: 'take a snapshot first' })
  const token = requireFact(exchange.token, 'requireToken')
  const open = async (write: (text: string) => Promise<void>, gone: AbortSignal) => {
    const close = context.monitor.streamOpened(token.client_id)
    const options = { resourceServer: resourceServer.value, after: after.value, nonce, token, write, gone }
    await followChanges(context, options).finally(close)
  }
  return { status: 200, body: { kind: 'stream', type: STREAM_TYPE, open } }
}

/** Other sidecars' artifacts look like those that do not exist. */
export async function artifact(exchange: Exchange, context: Context): Promise<Answer> {
  const digest = exchange.pathValues.get('digest') ?? ''
  const own = listResourceServers(context, requireFact(exchange.token, 'requireToken').client_id)
  const { artifacts, policies } = context.store.read
  const isOwn = parseBase64url(digest) !== undefined && (await policies.isUsedAt(digest, own))
  const wasm = isOwn ? await artifacts.find(digest) : undefined
  if (wasm === undefined) return refuseOAuth('not_found', 'no such artifact')
  return { status: 200, headers: IMMUTABLE, body: { kind: 'bytes', type: 'application/wasm', bytes: wasm } }
}

/** The one that the client speaks for; `?resource_server=` if it speaks for several. */
function findResourceServer(exchange: Exchange, context: Context): Result<string, Answer> {
  const own = listResourceServers(context, requireFact(exchange.token, 'requireToken').client_id)
  const asked = exchange.query.get('resource_server')
  const [only] = asked === null ? own : own.filter((id) => id === asked)
  if (only === undefined) return err(refuseOAuth('invalid_target', 'this client does not represent that resource server'))
  if (asked === null && own.length > 1) return err(refuseOAuth('invalid_target', `name one with ?resource_server=: ${own.join(', ')}`))
  return ok(only)
}

function readRevision(text: string | null): number | undefined {
  if (text === null || !/^\d{1,15}$/.test(text)) return undefined
  return Number(text)
}

/** Empty if none was sent, as by sidecars of before; undefined if it cannot be used. */
function readNonce(query: URLSearchParams): string | undefined {
  const nonce = query.get('nonce') ?? ''
  return /^[A-Za-z0-9_-]*$/.test(nonce) && nonce.length <= FEED_NONCE_MAX_CHARACTERS ? nonce : undefined
}

interface AskedPosition {
  readonly revision: number
  readonly resourceServer: string
  /** `incarnation` and `digest`: what the sidecar knows of the database and of its log. */
  readonly query: URLSearchParams
}

/** Too old: changes after it are forgotten. Too new, or with another digest or incarnation: the database was restored from a backup. */
async function findPosition(context: Context, asked: AskedPosition): Promise<Result<LogPosition, FeedPositionRefusal>> {
  const { revision, resourceServer, query } = asked
  const incarnation = query.get('incarnation')
  if (incarnation !== null && incarnation !== buildFeedIncarnation(context, resourceServer)) return err('other_incarnation')
  const digest = await context.store.read.feedLog.digestAt(revision)
  if (digest === undefined) return err('revision_unavailable')
  const known = query.get('digest')
  return known === null || known === digest ? ok({ revision, digest }) : err('other_log')
}
