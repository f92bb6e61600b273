// Keeps the key generations and the code key in private files of the data directory. Anything that others could have touched is refused.

import { isJsonObject, parseBase64url, parseJsonObject } from '../../protocol/encoding.ts'
import type { SigningKey } from '../../protocol/jws.ts'
import { createPrivateFile, readPrivateFile, replacePrivateFile } from '../../system/private-file.ts'
import { formatPrivateKey, parsePrivateKey } from '../../system/private-key.ts'
import { StartError } from '../../system/start-error.ts'
import type { KeyGeneration, KeyStorage } from './keyring.ts'

const CODE_KEY_BYTES = 32

export interface KeyFilePorts {
  /** A name for a draft that no other process uses. */
  readonly newSuffix: () => string
}

export function createKeyStorage(path: string, ports: KeyFilePorts): KeyStorage {
  return {
    load() {
      const text = readPrivateFile(path)
      if (text.ok) return parseGeneration(text.value, path)
      if (text.error === 'file_missing') return undefined
      throw new StartError(`${path}: ${text.error}. It has to be a regular file of this user with mode 0600; replace the keys if others could have read them.`)
    },
    save: (generation) => replacePrivateFile(path, formatGeneration(generation), ports.newSuffix()),
  }
}

/** Reads the key of short codes; makes one where there is none. */
export function openCodeKey(path: string, ports: KeyFilePorts & { readonly randomBytes: (count: number) => Uint8Array }): Uint8Array {
  const text = readPrivateFile(path)
  if (!text.ok && text.error === 'file_missing') {
    createPrivateFile(path, `${Buffer.from(ports.randomBytes(CODE_KEY_BYTES)).toString('base64url')}\n`, ports.newSuffix())
    return openCodeKey(path, ports)
  }
  const bytes = text.ok ? parseBase64url(text.value.trim()) : undefined
  if (bytes?.length === CODE_KEY_BYTES) return bytes
  throw new StartError(
    `${path}: ${text.ok ? 'does not hold a code key' : text.error}. Remove it: codes that are being entered just now are lost, nothing else.`,
  )
}

function formatGeneration({ active, next, retired }: KeyGeneration): string {
  const jwkOf = (key: SigningKey) => JSON.parse(formatPrivateKey(key)) as unknown
  return `${JSON.stringify({ active: jwkOf(active), next: jwkOf(next), retired: retired.map(({ key, retiredAt }) => ({ key: jwkOf(key), retired_at: retiredAt })) })}\n`
}

function parseGeneration(text: string, path: string): KeyGeneration {
  const fault = new StartError(`${path}: does not hold the signing keys. Restore it from a backup; without it all tokens have to be issued again.`)
  const keyOf = (value: unknown): SigningKey => {
    const key = parsePrivateKey(JSON.stringify(value))
    if (!key.ok) throw fault
    return key.value
  }
  const stored = parseJsonObject(text)
  if (stored === undefined || !Array.isArray(stored['retired'])) throw fault
  const retired = stored['retired'].map((entry: unknown) => {
    if (!isJsonObject(entry) || typeof entry['retired_at'] !== 'number') throw fault
    return { key: keyOf(entry['key']), retiredAt: entry['retired_at'] }
  })
  return { active: keyOf(stored['active']), next: keyOf(stored['next']), retired }
}
