// `latchkey key`: makes a key file, and shows the public half of one. Never prints a private member.
import { Command } from 'commander'
import { createKeyFile, explainKeyFileRefusal } from '../device/key-file.ts'
import { buildFingerprintWords } from '../protocol/fingerprint-words.ts'
import type { SigningKey } from '../protocol/jws.ts'
import { CommandError, EXIT_CODES } from './command-error.ts'
import { readKey } from './read-key.ts'
import { type CommandAnswer, defineAction } from './run-action.ts'

export function buildKeyCommand(): Command {
  const key = new Command('key').description('private keys in files')
  const create = new Command('create').description('make a P-256 key in a new file with mode 0600').argument('<file>')
  const show = new Command('show').description('show the public half, its thumbprint and its words').argument('<file>')
  key.addCommand(defineAction(create, async (_options, file = '') => describe(createKey(file))))
  key.addCommand(defineAction(show, async (_options, file = '') => describe(readKey('<file>', file))))
  return key
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
