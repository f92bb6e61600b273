// Where a client keeps what pairing gave it. A file for devices, memory for short lives; both hold one set of tokens.
import { randomUUID } from 'node:crypto'
import { unlinkSync } from 'node:fs'
import { isJsonObject, parseJsonObject } from '../protocol/encoding.ts'
import type { EpochSeconds } from '../protocol/time.ts'
import { readPrivateFile, replacePrivateFile } from '../system/private-file.ts'
import { ClientError } from './errors.ts'

export interface StoredTokens {
  /** Whose they are: tokens of another issuer or client are not used. */
  readonly issuer: string
  readonly client_id: string
  readonly access_token: string
  /** By this client's own clock; a wrong clock costs a refresh, never an answer. */
  readonly expires_at: EpochSeconds
  readonly refresh_token?: string
  readonly id_token?: string
  readonly scope?: string
}

export interface TokenStore {
  load(): StoredTokens | undefined
  /** Durable when it returns: the refresh token in it replaces one that is dead already. */
  save(tokens: StoredTokens): void
  clear(): void
}

export function createMemoryTokenStore(): TokenStore {
  let kept: StoredTokens | undefined
  return {
    load: () => kept,
    save: (tokens) => {
      kept = tokens
    },
    clear: () => {
      kept = undefined
    },
  }
}

/** Mode 0600, replaced in one step. A file that others could read or that is cut short is refused, not repaired. */
export function createFileTokenStore(path: string): TokenStore {
  return {
    load() {
      const text = readPrivateFile(path)
      if (!text.ok && text.error === 'file_missing') return undefined
      if (!text.ok) throw new ClientError('token_file_unusable', `${path}: ${text.error}; remove the file and pair again`)
      const tokens = parseStoredTokens(parseJsonObject(text.value))
      if (tokens === undefined) throw new ClientError('token_file_unusable', `${path}: does not contain complete tokens; remove the file and pair again`)
      return tokens
    },
    save: (tokens) => replacePrivateFile(path, `${JSON.stringify(tokens)}\n`, randomUUID()),
    clear() {
      try {
        unlinkSync(path)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      }
    },
  }
}

function parseStoredTokens(value: unknown): StoredTokens | undefined {
  if (!isJsonObject(value) || !Number.isSafeInteger(value['expires_at'])) return undefined
  const isText = (name: string) => typeof value[name] === 'string'
  if (!['issuer', 'client_id', 'access_token'].every(isText)) return undefined
  const optional = ['refresh_token', 'id_token', 'scope']
  return optional.every((name) => value[name] === undefined || isText(name)) ? (value as unknown as StoredTokens) : undefined
}
