// `latchkey device`: an operator's registry of devices, over the operator API.
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { isJsonObject, type JsonObject } from '../protocol/encoding.ts'
import { CommandError, EXIT_CODES } from './command-error.ts'
import { sendManifest } from './import-manifest.ts'
import { addOperatorOptions, type OperatorOptions, openOperatorApi } from './operator-options.ts'
import { type CommandAnswer, defineAction } from './run-action.ts'

interface ImportOptions extends OperatorOptions {
  readonly dryRun?: boolean
  readonly activate?: boolean
}

export function buildDeviceCommand(): Command {
  const device = new Command('device').description('the registry of devices (operator)')
  const importCommand = new Command('import')
    .description('import a manifest of devices (CSV or JSON) of any size; bad rows are reported, good rows are kept; run again, it continues')
    .argument('<file>', 'manifest, by its ending: .csv or .json')
    .option('--dry-run', 'check everything, change nothing')
    .option('--activate', 'activate what was imported')
  device.addCommand(defineAction<ImportOptions>(addOperatorOptions(importCommand), importManifest))
  device.addCommand(defineAction<OperatorOptions>(addOperatorOptions(new Command('list').description('list all devices')), listDevices))
  device.addCommand(buildActivateCommand())
  device.addCommand(buildRevokeCommand())
  return device
}

interface ActivateOptions extends OperatorOptions {
  readonly release?: string
}

function buildActivateCommand(): Command {
  const command = new Command('activate')
    .description('let a device pair; a device that its owner revoked needs --release')
    .argument('<id>', "the device's identifier")
    .option('--release <reason>', 'the device may be connected to any account again although its owner revoked it; the former owner sees the reason')
  return defineAction<ActivateOptions>(addOperatorOptions(command), async (options, id = '') => {
    const body = options.release === undefined ? {} : { body: { type: 'application/json', text: JSON.stringify({ release_reason: options.release }) } }
    const answer = await openOperatorApi(options).call({ method: 'POST', path: `/registry/devices/${encodeURIComponent(id)}/activate`, ...body })
    return { json: answer ?? { id }, text: `${id}: active` }
  })
}

function buildRevokeCommand(): Command {
  const command = new Command('revoke')
    .description('revoke a device: it loses its owner, its tokens and its things at once; its identifier and key stay in the registry')
    .argument('<id>', "the device's identifier")
  return defineAction<OperatorOptions>(addOperatorOptions(command), async (options, id = '') => {
    const answer = await openOperatorApi(options).call({ method: 'POST', path: `/registry/devices/${encodeURIComponent(id)}/revoke` })
    return { json: answer ?? { id }, text: `${id}: revoked` }
  })
}

async function importManifest(options: ImportOptions, file = ''): Promise<CommandAnswer> {
  const format = formatOf(file)
  const dryRun = options.dryRun === true
  const manifest = { file, bytes: readManifest(file), format, dryRun, activate: options.activate === true }
  const outcome = await sendManifest(openOperatorApi(options), manifest, showProgress)
  const lines = [
    ...outcome.errors.map(({ line, column, code, message }) => `${file}:${line}:${column} ${code} ${message}`),
    ...(outcome.needs_release ?? []).map((id) => `${id}: not activated, its owner revoked it; see latchkey device activate --help`),
    `${dryRun ? 'would import' : 'imported'} ${outcome.imported.length}, unchanged ${outcome.unchanged.length}, bad rows ${outcome.errors.length}`,
  ]
  const isClean = outcome.errors.length === 0 && outcome.needs_release === undefined
  return { json: outcome, text: lines.join('\n'), exitCode: isClean ? EXIT_CODES.done : EXIT_CODES.refused }
}

/** For people who watch: one line that is written over. */
function showProgress(done: number, all: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${all} rows${done === all ? '\n' : ''}`)
}

function formatOf(file: string): 'csv' | 'json' {
  if (file.endsWith('.csv')) return 'csv'
  if (file.endsWith('.json')) return 'json'
  throw new CommandError({ exitCode: EXIT_CODES.usage, file, message: 'a manifest is a .csv or a .json file', remedy: 'rename it or convert it' })
}

function readManifest(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new CommandError({ exitCode: EXIT_CODES.usage, file, message: 'cannot be read', remedy: 'check the path and its permissions' }, { cause })
  }
}

/** All pages of the list. */
async function listDevices(options: OperatorOptions): Promise<CommandAnswer> {
  const api = openOperatorApi(options)
  const devices: JsonObject[] = []
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page = parseListPage(await api.call({ method: 'GET', path: `/registry/devices${after === '' ? '' : `?after=${encodeURIComponent(after)}`}` }))
    devices.push(...page.devices)
    after = page.next
  }
  const rows = devices.map((device) => ['id', 'kind', 'model', 'status', 'owner'].map((name) => String(device[name] ?? '-')).join('\t'))
  return { json: { devices }, text: ['id\tkind\tmodel\tstatus\towner', ...rows].join('\n') }
}

function parseListPage(value: unknown): { readonly devices: readonly JsonObject[]; readonly next: string | undefined } {
  if (!isJsonObject(value) || !Array.isArray(value['devices'])) {
    throw new CommandError({ exitCode: EXIT_CODES.refused, message: 'the authz server answers the list of devices in a form that this program does not know' })
  }
  const { devices, next } = value
  return { devices: (devices as unknown[]).filter(isJsonObject), next: typeof next === 'string' && next !== '' ? next : undefined }
}
