// `latchkey device`: an operator's registry of devices, over the operator API.
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { isJsonObject, type JsonObject } from '../protocol/encoding.ts'
import { CommandError, EXIT_CODES } from './command-error.ts'
import { addOperatorOptions, type OperatorOptions, openOperatorApi } from './operator-options.ts'
import { type CommandAnswer, defineAction } from './run-action.ts'

interface ImportOptions extends OperatorOptions {
  readonly dryRun?: boolean
  readonly activate?: boolean
}

export function buildDeviceCommand(): Command {
  const device = new Command('device').description('the registry of devices (operator)')
  const importCommand = new Command('import')
    .description('import a manifest of devices (CSV or JSON); bad rows are reported, good rows are kept')
    .argument('<file>', 'manifest, by its ending: .csv or .json')
    .option('--dry-run', 'check everything, change nothing')
    .option('--activate', 'activate what was imported')
  device.addCommand(defineAction<ImportOptions>(addOperatorOptions(importCommand), importManifest))
  device.addCommand(defineAction<OperatorOptions>(addOperatorOptions(new Command('list').description('list all devices')), listDevices))
  device.addCommand(buildOneDeviceCommand('activate', 'let a device pair'))
  device.addCommand(buildOneDeviceCommand('revoke', 'end a device: its tokens and its key are refused from now on'))
  return device
}

function buildOneDeviceCommand(verb: 'activate' | 'revoke', description: string): Command {
  const command = new Command(verb).description(description).argument('<id>', "the device's identifier")
  return defineAction<OperatorOptions>(addOperatorOptions(command), async (options, id = '') => {
    const answer = await openOperatorApi(options).call({ method: 'POST', path: `/registry/devices/${encodeURIComponent(id)}/${verb}` })
    return { json: answer ?? { id }, text: `${id}: ${verb === 'activate' ? 'active' : 'revoked'}` }
  })
}

interface ImportAnswer {
  readonly imported: readonly string[]
  readonly unchanged: readonly string[]
  readonly errors: readonly { readonly line: number; readonly column: number; readonly code: string; readonly message: string }[]
}

async function importManifest(options: ImportOptions, file = ''): Promise<CommandAnswer> {
  const api = openOperatorApi(options)
  const isDryRun = options.dryRun === true
  const path = `/registry/devices/import?dry_run=${isDryRun}`
  const answer = parseImportAnswer(await api.call({ method: 'POST', path, body: { type: typeOf(file), text: readManifest(file) } }))
  const ids = [...answer.imported, ...answer.unchanged]
  if (options.activate === true && !isDryRun && ids.length > 0) {
    const body = { type: 'application/json', text: JSON.stringify({ ids }) }
    await api.call({ method: 'POST', path: '/registry/devices/activate', body })
  }
  const lines = [
    ...answer.errors.map(({ line, column, code, message }) => `${file}:${line}:${column} ${code} ${message}`),
    `${isDryRun ? 'would import' : 'imported'} ${answer.imported.length}, unchanged ${answer.unchanged.length}, bad rows ${answer.errors.length}`,
  ]
  return { json: answer, text: lines.join('\n'), exitCode: answer.errors.length > 0 ? EXIT_CODES.refused : EXIT_CODES.done }
}

function typeOf(file: string): string {
  if (file.endsWith('.csv')) return 'text/csv'
  if (file.endsWith('.json')) return 'application/json'
  throw new CommandError({ exitCode: EXIT_CODES.usage, file, message: 'a manifest is a .csv or a .json file', remedy: 'rename it or convert it' })
}

function readManifest(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new CommandError({ exitCode: EXIT_CODES.usage, file, message: 'cannot be read', remedy: 'check the path and its rights' }, { cause })
  }
}

function parseImportAnswer(value: unknown): ImportAnswer {
  if (isJsonObject(value) && [value['imported'], value['unchanged'], value['errors']].every(Array.isArray)) return value as unknown as ImportAnswer
  throw new CommandError({ exitCode: EXIT_CODES.refused, message: 'the authz server answers an import in a form that this program does not know' })
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
