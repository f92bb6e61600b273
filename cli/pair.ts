// `latchkey pair`: pairs this machine from a terminal, as a device would: shows the code, waits for the owner, keeps the tokens in a file.
import { Command, Option } from 'commander'
import { createClient, createFileTokenStore, type PairingCode, renderPairingQrText, renderPairingText, systemPorts } from '../device/index.ts'
import type { PairingRefusal } from '../device/pairing.ts'
import { CommandError, EXIT_CODES } from './command-error.ts'
import { readKey } from './read-key.ts'
import { type CommandAnswer, defineAction, type JsonOption } from './run-action.ts'

interface PairOptions extends JsonOption {
  readonly issuer: string
  readonly device?: string
  readonly clientId?: string
  readonly keyFile: string
  readonly tokenFile: string
  readonly scope?: string
  readonly qr: boolean
}

export function buildPairCommand(): Command {
  const command = new Command('pair')
    .description('pair this machine with a person (RFC 8628)')
    .addOption(new Option('--issuer <origin>', 'authz server').env('LATCHKEY_ISSUER').makeOptionMandatory())
    .addOption(new Option('--device <id>', 'the identifier of this device in the registry').conflicts('clientId'))
    .addOption(new Option('--client-id <id>', 'for an app: its registered client'))
    .requiredOption('--key-file <file>', 'private key; made with mode 0600 if there is none')
    .requiredOption('--token-file <file>', 'where the tokens are kept, mode 0600')
    .option('--scope <abilities>', 'space-separated; all that the device brings if not given')
    .option('--no-qr', 'do not draw the QR code')
  return defineAction<PairOptions>(command, pair)
}

async function pair(options: PairOptions): Promise<CommandAnswer> {
  const clientId = clientIdOf(options)
  const key = readKey('--key-file', options.keyFile, true)
  const store = createFileTokenStore(options.tokenFile)
  const client = createClient({ issuer: options.issuer, clientId, key, store, resourceServers: [] }, systemPorts())
  const scope = options.scope === undefined ? {} : { scope: options.scope }
  const paired = await client.pair({ ...scope, onCode: (code) => showCode(code, options) })
  if (!paired.ok) throw new CommandError(faultOf(paired.error))
  return { json: { event: 'paired', client_id: clientId, scope: paired.value.scope ?? '' }, text: `Paired. Abilities: ${paired.value.scope ?? 'as requested'}` }
}

function clientIdOf(options: PairOptions): string {
  if (options.device !== undefined) return `device:${options.device}`
  if (options.clientId !== undefined) return options.clientId
  throw new CommandError({ exitCode: EXIT_CODES.usage, option: '--device', message: 'say who pairs', remedy: 'give --device ID, or --client-id ID for an app' })
}

function showCode(code: PairingCode, options: PairOptions): void {
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ event: 'code', ...code })}\n`)
    return
  }
  if (options.qr) process.stdout.write(`${renderPairingQrText(code)}\n`)
  process.stdout.write(`${renderPairingText(code)}\n`)
}

function faultOf(refusal: PairingRefusal): ConstructorParameters<typeof CommandError>[0] {
  switch (refusal.reason) {
    case 'denied':
      return { exitCode: EXIT_CODES.refused, code: 'denied', message: 'the person refused this pairing' }
    case 'expired':
      return { exitCode: EXIT_CODES.refused, code: 'expired', message: 'nobody entered the code in time', remedy: 'run the command again for a new code' }
    case 'unreachable':
      return { exitCode: EXIT_CODES.unreachable, code: 'unreachable', message: 'the authz server does not answer', remedy: 'check --issuer and the network' }
    case 'answer_unusable':
      return { exitCode: EXIT_CODES.refused, code: 'answer_unusable', message: 'the authz server answers in a form that is not RFC 8628 with DPoP' }
    case 'client_refused':
      return {
        exitCode: EXIT_CODES.refused,
        code: refusal.error,
        message: `the authz server does not take this client: ${refusal.description || refusal.error}`,
        remedy: 'import and activate the device with this key (`latchkey key show`)',
      }
  }
}
