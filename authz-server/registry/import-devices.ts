// Puts a manifest's devices into the registry. Good rows are imported, bad ones are reported with their place, and what is there is never overwritten.
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import type { DevicesRepository } from '../store/devices-repository.ts'
import { checkRow, type ManifestError, type ManifestRow } from './manifest-row.ts'
import { MANIFEST_MAX_ROWS, type ManifestFormat, readManifest } from './parse-manifest.ts'
import { createTurn, takeTurns } from './take-turns.ts'

export interface ImportReport {
  readonly imported: readonly string[]
  /** In the registry already, exactly as the row says. */
  readonly unchanged: readonly string[]
  /** Ordered by place. */
  readonly errors: readonly ManifestError[]
  /** The document as a whole cannot be read; `errors` has the one reason. */
  readonly refused?: true
}

export interface ManifestImport {
  readonly text: string
  readonly format: ManifestFormat
  /** Reports what would be done; changes nothing. */
  readonly dryRun: boolean
}

/** Rows that are read, and rows that are stored in one transaction, before others have their turn. */
const ROWS_READ_AT_ONCE = 25
const ROWS_STORED_AT_ONCE = 40

export async function importDevices(context: Context, { text, format, dryRun }: ManifestImport, now: EpochSeconds): Promise<ImportReport> {
  const kinds = context.config.device_types.map((type) => type.kind)
  const errors: ManifestError[] = []
  const rows: ManifestRow[] = []
  const items = readManifest(text, format, MANIFEST_MAX_ROWS)
  const turn = createTurn(ROWS_READ_AT_ONCE)
  for (;;) {
    const { done, value } = items.next()
    if (done === true) {
      if (value !== undefined) return { imported: [], unchanged: [], errors: [value], refused: true }
      break
    }
    const row = 'row' in value ? checkRow(value.row, kinds) : { ok: false as const, error: [value.error] }
    if (row.ok) rows.push(row.value)
    else errors.push(...row.error)
    await turn()
  }
  const settled: Settled = { imported: [], unchanged: [], errors }
  for await (const some of takeTurns(dropRepeats(rows, errors), ROWS_STORED_AT_ONCE)) {
    const settle = (devices: DevicesRepository) => settleRows(devices, { rows: some, settled, dryRun }, now)
    await (dryRun ? settle(context.store.read.devices) : context.store.transaction(({ devices }) => settle(devices)))
  }
  errors.sort((a, b) => a.line - b.line || a.column - b.column)
  return settled
}

/** Of rows with the same id or key, the first one counts. */
function dropRepeats(rows: readonly ManifestRow[], errors: ManifestError[]): readonly ManifestRow[] {
  const lineOfId = new Map<string, number>()
  const lineOfKey = new Map<string, number>()
  return rows.filter(({ device, at, keyAt }) => {
    const [idLine, keyLine] = [lineOfId.get(device.id), lineOfKey.get(device.jkt)]
    if (idLine !== undefined) errors.push({ ...at, code: 'id_repeated', message: `id ${device.id} is already in line ${idLine}` })
    else if (keyLine !== undefined) errors.push({ ...keyAt, code: 'key_repeated', message: `the key is already in line ${keyLine}: each device needs its own` })
    else {
      lineOfId.set(device.id, at.line)
      lineOfKey.set(device.jkt, at.line)
    }
    return idLine === undefined && keyLine === undefined
  })
}

interface Settled {
  readonly imported: string[]
  readonly unchanged: string[]
  readonly errors: ManifestError[]
}

interface Settling {
  readonly rows: readonly ManifestRow[]
  readonly settled: Settled
  readonly dryRun: boolean
}

async function settleRows(devices: DevicesRepository, { rows, settled, dryRun }: Settling, now: EpochSeconds): Promise<void> {
  for (const row of rows) {
    const found = await compare(devices, row)
    if ('error' in found) settled.errors.push(found.error)
    else if ('unchanged' in found) settled.unchanged.push(found.unchanged)
    else {
      if (!dryRun && !(await devices.add(row.device, now))) throw new Error('a device that was not in the registry could not be added')
      settled.imported.push(row.device.id)
    }
  }
}

/** `unchanged` is the identifier as the registry has it. */
type Compared = { readonly isNew: true } | { readonly unchanged: string } | { readonly error: ManifestError }

async function compare(devices: DevicesRepository, { device, at, keyAt }: ManifestRow): Promise<Compared> {
  const known = await devices.find(device.id)
  if (known === undefined) {
    const holder = await devices.findByKey(device.jkt)
    if (holder === undefined) return { isNew: true }
    return { error: { ...keyAt, code: 'key_taken', message: `the key belongs to device ${holder.id}: each device needs its own` } }
  }
  const differing = (['jkt', 'kind', 'model'] as const).find((field) => known[field] !== device[field])
  if (differing === undefined) return { unchanged: known.id }
  const what = differing === 'jkt' ? 'key' : differing
  const message = `device ${known.id} is in the registry with a different ${what}, which cannot be changed: give a new device a new id`
  return { error: { ...at, code: 'id_taken', message } }
}
