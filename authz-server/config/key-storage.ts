// Where the signing keys lie: one file of mode 0600 in a directory of mode 0700, replaced as a whole. Refuses files that others could read or have put there.
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { closeSync, constants, fstatSync, fsyncSync, lstatSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isJsonObject, parseJsonObject } from '../../protocol/encoding.ts'
import { parsePublicJwk } from '../../protocol/jwk.ts'
import { buildSigningKey, type SigningKey } from '../../protocol/jws.ts'
import type { KeyGeneration, KeyStorage } from '../tokens/keyring.ts'

const DIRECTORY_MODE = 0o700
const FILE_MODE = 0o600
const GROUP_AND_OTHERS = 0o077

/** A file that must not be trusted. The message names it and the remedy. */
export class KeyFileUnusable extends Error {
  constructor(file: string, remedy: string) {
    super(`${file}: ${remedy}`)
    this.name = 'KeyFileUnusable'
  }
}

/** `<data_directory>/keys/signing-keys.json`. Both functions throw KeyFileUnusable. */
export function createFileKeyStorage(dataDirectory: string): KeyStorage {
  const directory = join(dataDirectory, 'keys')
  const file = join(directory, 'signing-keys.json')
  return {
    load() {
      const text = readPrivateFile(directory, file)
      return text === undefined ? undefined : parseGeneration(text, file)
    },
    save: (generation) => writePrivateFile(directory, file, `${JSON.stringify(printGeneration(generation))}\n`),
  }
}

/** The 32 bytes in `<data_directory>/keys/<name>`, made when there is no such file. */
export function openSecretFile(dataDirectory: string, name: string, randomBytes: (count: number) => Uint8Array): Uint8Array {
  const directory = join(dataDirectory, 'keys')
  const file = join(directory, name)
  const text = readPrivateFile(directory, file)
  if (text !== undefined) {
    const secret = Buffer.from(text.trim(), 'base64url')
    if (secret.length !== 32)
      throw new KeyFileUnusable(file, 'does not hold 32 bytes; restore it from a backup, or remove it: codes that wait for a person are then unknown')
    return secret
  }
  const secret = randomBytes(32)
  writePrivateFile(directory, file, `${Buffer.from(secret).toString('base64url')}\n`)
  return secret
}

/** Judges the file that is open, not its name. */
function readPrivateFile(directory: string, file: string): string | undefined {
  mkdirSync(directory, { recursive: true, mode: DIRECTORY_MODE })
  judgeDirectory(directory)
  const descriptor = openWithoutLink(file)
  if (descriptor === undefined) return undefined
  try {
    const stats = fstatSync(descriptor)
    if (!stats.isFile()) throw new KeyFileUnusable(file, 'is not a regular file')
    if ((stats.mode & GROUP_AND_OTHERS) !== 0)
      throw new KeyFileUnusable(file, 'others can read this key; run chmod 600 on it, and rotate the keys if others could have read it')
    if (process.getuid !== undefined && stats.uid !== process.getuid())
      throw new KeyFileUnusable(file, 'belongs to another user; it must belong to the user that runs this program')
    return readFileSync(descriptor, 'utf8')
  } finally {
    closeSync(descriptor)
  }
}

function judgeDirectory(directory: string): void {
  const stats = lstatSync(directory)
  if (!stats.isDirectory()) throw new KeyFileUnusable(directory, 'must be a directory, not a link')
  if ((stats.mode & 0o022) !== 0) throw new KeyFileUnusable(directory, 'others can put files here; run chmod 700 on it')
}

function openWithoutLink(file: string): number | undefined {
  try {
    return openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new KeyFileUnusable(file, code === 'ELOOP' ? 'is a symbolic link; put the file itself there' : `cannot be read (${code})`)
  }
}

/** A new file is written, flushed and put in the place of the old: after a crash there is one or the other, whole. */
function writePrivateFile(directory: string, file: string, text: string): void {
  mkdirSync(directory, { recursive: true, mode: DIRECTORY_MODE })
  const temporary = `${file}.new`
  const descriptor = openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW, FILE_MODE)
  try {
    writeFileSync(descriptor, text)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(temporary, file)
  const folder = openSync(dirname(file), constants.O_RDONLY)
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

function printGeneration({ active, next, retired }: KeyGeneration): object {
  return { active: printKey(active), next: printKey(next), retired: retired.map(({ key, retiredAt }) => ({ key: printKey(key), retired_at: retiredAt })) }
}

function printKey(key: SigningKey): unknown {
  return key.privateKey.export({ format: 'jwk' })
}

function parseGeneration(text: string, file: string): KeyGeneration {
  const broken = () => new KeyFileUnusable(file, 'is truncated or not ours; restore it from a backup. Without it every token issued so far is refused')
  const value = parseJsonObject(text)
  const active = parseKey(value?.['active'])
  const next = parseKey(value?.['next'])
  const retired = value?.['retired']
  if (active === undefined || next === undefined || !Array.isArray(retired)) throw broken()
  return {
    active,
    next,
    retired: retired.map((entry: unknown) => {
      const key = isJsonObject(entry) ? parseKey(entry['key']) : undefined
      const retiredAt = isJsonObject(entry) ? entry['retired_at'] : undefined
      if (key === undefined || typeof retiredAt !== 'number') throw broken()
      return { key, retiredAt }
    }),
  }
}

function parseKey(value: unknown): SigningKey | undefined {
  if (!isJsonObject(value) || typeof value['d'] !== 'string') return undefined
  const { d, ...publicMembers } = value
  const jwk = parsePublicJwk(publicMembers)
  const privateKey = jwk.ok ? importKey({ ...jwk.value, d }) : undefined
  return jwk.ok && privateKey !== undefined ? buildSigningKey(privateKey, jwk.value) : undefined
}

function importKey(jwk: Record<string, string>): KeyObject | undefined {
  try {
    return createPrivateKey({ key: jwk, format: 'jwk' })
  } catch {
    return undefined
  }
}
