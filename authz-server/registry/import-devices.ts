// Puts a manifest's devices into the registry. Good rows are imported, bad ones are reported with their place, and what is there is never overwritten.
import type { EpochSeconds } from '../../protocol/time.ts'
import type { Context } from '../context.ts'
import type { DevicesRepository } from '../store/devices-repository.ts'
import { checkRow, type ManifestError, type ManifestRow } from './manifest-row.ts'
import { type ManifestFormat, parseManifest } from './parse-manifest.ts'

export interface ImportReport {
  readonly imported: readonly string[]
  /** In the registry already, exactly as the row says. */
  readonly unchanged: readonly string[]
  /** Ordered by place. */
  readonly errors: readonly ManifestError[]
}

export interface ManifestImport {
  readonly text: string
  readonly format: ManifestFormat
  /** Reports what would be done; changes nothing. */
  readonly dryRun: boolean
}

export async function importDevices(context: Context, { text, format, dryRun }: ManifestImport, now: EpochSeconds): Promise<ImportReport> {
  const manifest = parseManifest(text, format)
  const kinds = context.config.device_types.map((type) => type.kind)
  const errors: ManifestError[] = [...manifest.errors]
  const rows: ManifestRow[] = []
  for (const raw of manifest.rows) {
    const row = checkRow(raw, kinds)
    if (row.ok) rows.push(row.value)
    else errors.push(...row.error)
  }
  const unique = dropRepeats(rows, errors)
  const settle = (devices: DevicesRepository) => settleRows(devices, { rows: unique, errors, dryRun }, now)
  const settled = dryRun ? await settle(context.store.read.devices) : await context.store.transaction(({ devices }) => settle(devices))
  errors.sort((a, b) => a.line - b.line || a.column - b.column)
  return { ...settled, errors }
}

/** Of rows with the same id or key, the first one counts. */
function dropRepeats(rows: readonly ManifestRow[], errors: ManifestError[]): readonly ManifestRow[] {
  const lineOfId = new Map<string, number>()
  const lineOfKey = new Map<string, number>()
  return rows.filter(({ device, at, keyAt }) => {
    const [idLine, keyLine] = [lineOfId.get(device.id), lineOfKey.get(device.jkt)]
    if (idLine !== undefined) errors.push({ ...at, code: 'id_repeated', message: `id ${device.id} is in line ${idLine} already` })
    else if (keyLine !== undefined) errors.push({ ...keyAt, code: 'key_repeated', message: `the key is in line ${keyLine} already: each device has its own` })
    else {
      lineOfId.set(device.id, at.line)
      lineOfKey.set(device.jkt, at.line)
    }
    return idLine === undefined && keyLine === undefined
  })
}

interface Settling {
  readonly rows: readonly ManifestRow[]
  readonly errors: ManifestError[]
  readonly dryRun: boolean
}

async function settleRows(devices: DevicesRepository, { rows, errors, dryRun }: Settling, now: EpochSeconds): Promise<Omit<ImportReport, 'errors'>> {
  const imported: string[] = []
  const unchanged: string[] = []
  for (const row of rows) {
    const standing = await compare(devices, row)
    if (standing === 'new') {
      if (!dryRun && !(await devices.add(row.device, now))) throw new Error('a device that was not in the registry could not be added')
      imported.push(row.device.id)
    } else if (standing === 'unchanged') unchanged.push(row.device.id)
    else errors.push(standing)
  }
  return { imported, unchanged }
}

async function compare(devices: DevicesRepository, { device, at, keyAt }: ManifestRow): Promise<'new' | 'unchanged' | ManifestError> {
  const known = await devices.find(device.id)
  if (known === undefined) {
    const holder = await devices.findByKey(device.jkt)
    return holder === undefined ? 'new' : { ...keyAt, code: 'key_taken', message: `the key is that of device ${holder.id}: each device has its own` }
  }
  const differing = (['jkt', 'kind', 'model'] as const).find((field) => known[field] !== device[field])
  if (differing === undefined) return 'unchanged'
  const what = differing === 'jkt' ? 'key' : differing
  return {
    ...at,
    code: 'id_taken',
    message: `device ${device.id} is in the registry with another ${what}; neither is ever changed: give a new device a new id`,
  }
}
