// `latchkey key`: makes a key file, shows the public half of one, and rotates the signing keys of an authz server. Never prints a private member.
import { Command } from 'commander'
import { createKeyFile, explainKeyFileRefusal } from '../device/key-file.ts'
import { isJsonObject } from '../protocol/encoding.ts'
import { buildFingerprintWords } from '../protocol/fingerprint-words.ts'
import type { SigningKey } from '../protocol/jws.ts'
import { CommandError, EXIT_CODES } from './command-error.ts'
import { addOperatorOptions, type OperatorOptions, openOperatorApi } from './operator-options.ts'
import { readKey } from './read-key.ts'
import { type CommandAnswer, defineAction } from './run-action.ts'

export function buildKeyCommand(): Command {
  const key = new Command('key').description('private keys in files, and the signing keys of an authz server')
  const create = new Command('create').description('make a P-256 key in a new file with mode 0600').argument('<file>')
  const show = new Command('show').description('show the public half, its thumbprint and its words').argument('<file>')
  key.addCommand(defineAction(create, async (_options, file = '') => describe(createKey(file))))
  key.addCommand(defineAction(show, async (_options, file = '') => describe(readKey('<file>', file))))
  const rotate = new Command('rotate').description(
    "rotate the authz server's signing keys (operator): the next key starts to sign, the current one is accepted for two more hours",
  )
  key.addCommand(defineAction<OperatorOptions>(addOperatorOptions(rotate), rotateKeys))
  return key
}

/** The last second that a Date can hold. */
const LATEST_DATE_SECONDS = 8.64e12
/** An API that reads `/jwks` less often than this may not know a key that was published shortly before. */
const KEY_LIST_CACHED_SECONDS = 3600

async function rotateKeys(options: OperatorOptions): Promise<CommandAnswer> {
  const answer = await openOperatorApi(options).call({ method: 'POST', path: '/registry/keys/rotate' })
  if (!isJsonObject(answer) || typeof answer['kid'] !== 'string')
    throw new CommandError({ exitCode: EXIT_CODES.refused, message: 'the authz server rotated its keys, but its answer is not one that this version knows' })
  const { kid, retired_kid: retired, retired_until: until, next_kid: next, published_seconds: published } = answer
  const lines = [`signs now   ${kid}`]
  if (typeof retired === 'string' && typeof until === 'number' && until < LATEST_DATE_SECONDS)
    lines.push(`retired     ${retired}, accepted until ${new Date(until * 1000).toISOString()}`)
  if (typeof next === 'string') lines.push(`next        ${next}`)
  if (typeof published === 'number' && published < KEY_LIST_CACHED_SECONDS)
    lines.push(
      `warning: the new key had been in /jwks for ${published} s only. Sidecars know it from the feed; another API that caches the list must read it again.`,
    )
  return { json: answer, text: lines.join('\n') }
}

function createKey(file: string): SigningKey {
  const created = createKeyFile(file)
  if (created.ok) return created.value
  throw new CommandError({ exitCode: EXIT_CODES.usage, code: created.error, message: explainKeyFileRefusal(file, created.error) })
}

function describe(key: SigningKey): CommandAnswer {
  const words = buildFingerprintWords(key.kid)
  const jwk = JSON.stringify(key.jwk)
  return { json: { thumbprint: key.kid, words, jwk: key.jwk }, text: `thumbprint  ${key.kid}\nwords       ${words.join(' ')}\npublic key  ${jwk}` }
}
