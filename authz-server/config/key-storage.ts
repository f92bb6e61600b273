// Where the signing keys lie: one file of mode 0600 in a directory of mode 0700, replaced as a whole. Refuses files that others could read or have put there.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { isJsonObject, parseBase64url, parseJsonObject } from '../../protocol/encoding.ts'
import type { SigningKey } from '../../protocol/jws.ts'
import { openSecretDirectory } from '../../system/data-directory.ts'
import { createPrivateFile, type PrivateFileRefusal, readPrivateFile, replacePrivateFile } from '../../system/private-file.ts'
import { formatPrivateKey, parsePrivateKey } from '../../system/private-key.ts'
import { StartError } from '../../system/start-error.ts'
import type { KeyGeneration, KeyStorage } from '../tokens/keyring.ts'

const SECRET_BYTES = 32

/** A file that must not be trusted. The message names it and the remedy. */
export class KeyFileUnusable extends StartError {
  constructor(file: string, remedy: string) {
    super(`${file}: ${remedy}`)
  }
}

/** `<data_directory>/keys/signing-keys.json`. Both functions throw StartError. */
export function createFileKeyStorage(dataDirectory: string): KeyStorage {
  const directory = join(dataDirectory, 'keys')
  const file = join(directory, 'signing-keys.json')
  return {
    load() {
      const text = readSecret(directory, file)
      return text === undefined ? undefined : parseGeneration(text, file)
    },
    save(generation) {
      openSecretDirectory(directory)
      replacePrivateFile(file, `${JSON.stringify(printGeneration(generation))}\n`, randomUUID())
    },
  }
}

/** The 32 bytes in `<data_directory>/keys/<name>`, made when there is no such file. */
export function openSecretFile(dataDirectory: string, name: string, randomBytes: (count: number) => Uint8Array): Uint8Array {
  const directory = join(dataDirectory, 'keys')
  const file = join(directory, name)
  const text = readSecret(directory, file)
  if (text === undefined) {
    createPrivateFile(file, `${Buffer.from(randomBytes(SECRET_BYTES)).toString('base64url')}\n`, randomUUID())
    return openSecretFile(dataDirectory, name, randomBytes)
  }
  const secret = parseBase64url(text.trim())
  if (secret?.length === SECRET_BYTES) return secret
  throw new KeyFileUnusable(file, 'does not contain 32 bytes; restore it from a backup, or remove it, which invalidates pending codes')
}

/** Undefined if there is no such file. */
function readSecret(directory: string, file: string): string | undefined {
  openSecretDirectory(directory)
  const text = readPrivateFile(file)
  if (text.ok) return text.value
  if (text.error === 'file_missing') return undefined
  throw new KeyFileUnusable(file, REMEDIES[text.error])
}

const REMEDIES: { readonly [refusal in Exclude<PrivateFileRefusal, 'file_missing'>]: string } = {
  file_is_a_link: 'is a symbolic link; put the file itself there',
  file_is_not_a_regular_file: 'is not a regular file',
  file_is_readable_by_others: 'others can read this key; run chmod 600 on it, and rotate the keys if others could have read it',
  file_has_another_owner: 'belongs to another user; it must belong to the user that runs this program',
  file_is_too_large: 'is too large to be a key file of this server',
  file_unreadable: 'cannot be read',
}

function printGeneration({ active, next, nextSince, retired }: KeyGeneration): object {
  const print = (key: SigningKey) => JSON.parse(formatPrivateKey(key)) as unknown
  const since = nextSince === undefined ? {} : { next_since: nextSince }
  return { active: print(active), next: print(next), ...since, retired: retired.map(({ key, retiredAt }) => ({ key: print(key), retired_at: retiredAt })) }
}

function parseGeneration(text: string, file: string): KeyGeneration {
  const broken = new KeyFileUnusable(
    file,
    'is truncated or was not written by this server; restore it from a backup. Without it, all tokens issued so far are rejected',
  )
  const parse = (value: unknown): SigningKey => {
    const key = parsePrivateKey(JSON.stringify(value) ?? '')
    if (!key.ok) throw broken
    return key.value
  }
  const value = parseJsonObject(text)
  if (value === undefined || !Array.isArray(value['retired'])) throw broken
  const retired = value['retired'].map((entry: unknown) => {
    if (!isJsonObject(entry) || typeof entry['retired_at'] !== 'number') throw broken
    return { key: parse(entry['key']), retiredAt: entry['retired_at'] }
  })
  const { next_since: since } = value
  if (since !== undefined && !Number.isSafeInteger(since)) throw broken
  return { active: parse(value['active']), next: parse(value['next']), ...(since === undefined ? {} : { nextSince: since as number }), retired }
}
