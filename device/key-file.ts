// The device's own key: made on the device, kept in one private file, never sent anywhere. What leaves is the public half.
import { randomUUID } from 'node:crypto'
import type { SigningKey } from '../protocol/jws.ts'
import { err, ok, type Result } from '../protocol/result.ts'
import { generateSigningKey } from '../system/generate-key.ts'
import { createPrivateFile, type PrivateFileRefusal, readPrivateFile } from '../system/private-file.ts'
import { formatPrivateKey, type PrivateKeyRefusal, parsePrivateKey } from '../system/private-key.ts'

export type KeyFileRefusal = PrivateFileRefusal | PrivateKeyRefusal | 'file_exists'

/** A new P-256 key that lives in memory only. */
export function createKey(): SigningKey {
  return generateSigningKey()
}

/** Reads a file that holds one private JWK (P-256 or Ed25519). Every reason to distrust it is a refusal. */
export function openKeyFile(path: string): Result<SigningKey, KeyFileRefusal> {
  const text = readPrivateFile(path)
  return text.ok ? parsePrivateKey(text.value) : text
}

/** Makes a P-256 key and writes it with mode 0600. Never replaces a file: two starts at once end with one key. */
export function createKeyFile(path: string): Result<SigningKey, KeyFileRefusal> {
  const key = createKey()
  return createPrivateFile(path, formatPrivateKey(key), randomUUID()) ? ok(key) : err('file_exists')
}

/** The key of that file; makes one only if there is no file at all. */
export function openOrCreateKeyFile(path: string): Result<SigningKey, KeyFileRefusal> {
  const opened = openKeyFile(path)
  if (opened.ok || opened.error !== 'file_missing') return opened
  const created = createKeyFile(path)
  return created.ok ? created : openKeyFile(path)
}

/** What to do about a refusal, for people. */
export function explainKeyFileRefusal(path: string, refusal: KeyFileRefusal): string {
  return `${path}: ${KEY_FILE_REMEDIES[refusal]}`
}

const KEY_FILE_REMEDIES: { readonly [refusal in KeyFileRefusal]: string } = {
  file_missing: 'this key file does not exist; create it with `latchkey key create`',
  file_exists: 'this file already exists and is never replaced; choose another name',
  file_is_a_link: 'is a symbolic link; give the path of the file itself',
  file_is_not_a_regular_file: 'is not a regular file',
  file_is_readable_by_others: 'others can read this key; run chmod 600 on it, and replace the key if others could have read it',
  file_has_another_owner: 'belongs to another user; the key must belong to the user that runs this program',
  file_is_too_large: 'is too large to be a key',
  file_unreadable: 'cannot be read',
  key_malformed: 'does not contain one complete private JWK (P-256 or Ed25519)',
  key_halves_differ: 'its private and public parts belong to different keys',
}
