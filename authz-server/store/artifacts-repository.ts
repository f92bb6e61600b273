// Compiled policies by the SHA-256 of their bytes (base64url). Immutable: the same digest is the same module for ever.
import type { Kysely } from 'kysely'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Schema } from './schema.ts'

export interface ArtifactsRepository {
  /** Idempotent. */
  add(artifact: { readonly digest: string; readonly wasm: Uint8Array }, now: EpochSeconds): Promise<void>
  find(digest: string): Promise<Uint8Array | undefined>
}

export function createArtifactsRepository(db: Kysely<Schema>): ArtifactsRepository {
  return {
    async add({ digest, wasm }, now) {
      await db
        .insertInto('artifacts')
        .values({ digest, wasm, created_at: now })
        .onConflict((conflict) => conflict.column('digest').doNothing())
        .execute()
    },
    async find(digest) {
      const row = await db.selectFrom('artifacts').select('wasm').where('digest', '=', digest).executeTakeFirst()
      // The driver gives an ArrayBuffer.
      return row && new Uint8Array(row.wasm)
    },
  }
}
