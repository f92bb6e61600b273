// How often limited shares were used, on disk: one small file for each owner, written whole. Total uses are never removed from it; those of periods that are over are.
import { isJsonObject, parseJsonObject, sha256Base64url } from '../../protocol/encoding.ts'
import type { EpochSeconds } from '../../protocol/time.ts'
import type { DataFiles } from '../ports.ts'

export const USES_FOLDER = 'uses'

/** `endsAt`: null for uses in all, which are never taken out; else seconds since 1970. */
export type Uses = readonly (readonly [key: string, used: number, endsAt: EpochSeconds | null])[]

export interface UsesFile {
  /** Resolves when what `read` gives is durable. Callers at the same time share a write. Rejects where it cannot be written. */
  save(): Promise<void>
}

export interface UsesFileOptions {
  readonly files: Pick<DataFiles, 'write'>
  readonly owner: string
  /** What is to be written, asked when the write begins. */
  readonly read: () => Uses
}

export function createUsesFile({ files, owner, read }: UsesFileOptions): UsesFile {
  const name = fileOf(owner)
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined

  async function write(): Promise<void> {
    next = undefined
    const all = read()
    const uses = Object.fromEntries(all.flatMap(([key, used, endsAt]) => (endsAt === null ? [[key, used] as const] : [])))
    // Earlier versions do not look for this member, and read the rest.
    const spans = Object.fromEntries(all.flatMap(([key, used, endsAt]) => (endsAt === null ? [] : [[key, { used, ends_at: endsAt }] as const])))
    await files.write(name, JSON.stringify({ version: 1, owner, uses, ...(Object.keys(spans).length === 0 ? {} : { spans }) }))
  }

  return {
    save() {
      if (next !== undefined) return next
      const begun = running === undefined ? write() : running.then(write, write)
      if (running !== undefined) next = begun
      running = begun
      const isOver = () => {
        if (running === begun) running = undefined
      }
      begun.then(isOver, isOver)
      return begun
    },
  }
}

/** All owners' files. Throws for one that cannot be read. */
export async function loadUses(files: Pick<DataFiles, 'read' | 'list'>): Promise<readonly { readonly owner: string; readonly uses: Uses }[]> {
  const found: { readonly owner: string; readonly uses: Uses }[] = []
  for (const entry of await files.list(USES_FOLDER)) {
    // A draft of a write that was cut off was never the file.
    if (!entry.endsWith('.json')) continue
    const name = `${USES_FOLDER}/${entry}`
    const bytes = await files.read(name)
    found.push(parseUses(bytes ?? Buffer.alloc(0), name))
  }
  return found
}

function fileOf(owner: string): string {
  return `${USES_FOLDER}/${sha256Base64url(owner)}.json`
}

function parseUses(bytes: Uint8Array, name: string): { readonly owner: string; readonly uses: Uses } {
  const { version, owner, uses, spans = {} } = parseJsonObject(bytes) ?? {}
  const isOwn = version === 1 && typeof owner === 'string' && fileOf(owner) === name
  if (!isOwn || !isJsonObject(uses) || !isJsonObject(spans) || !Object.values(uses).every(isCount) || !Object.values(spans).every(isSpan)) {
    throw new Error(`${name} in the data directory cannot be read. It records how often limited shares were used. Restore it, or remove it to start from zero.`)
  }
  const inAll = Object.entries(uses).map(([key, used]) => [key, used as number, null] as const)
  const ofSpans = Object.entries(spans as Readonly<Record<string, Span>>).map(([key, { used, ends_at: endsAt }]) => [key, used, endsAt] as const)
  return { owner, uses: [...inAll, ...ofSpans] }
}

interface Span {
  readonly used: number
  readonly ends_at: EpochSeconds
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isSpan(value: unknown): value is Span {
  return isJsonObject(value) && isCount(value['used']) && isCount(value['ends_at'])
}
