// `latchkey sidecar`: runs the sidecar of a configuration file, or only checks the files.
import { Command } from 'commander'
import { checkSidecarConfig, runSidecar } from '../sidecar/main.ts'
import { defineAction, type JsonOption } from './run-action.ts'
import { explainStart, runServer } from './run-server.ts'

interface SidecarOptions extends JsonOption {
  readonly check?: boolean
}

export function buildSidecarCommand(): Command {
  const command = new Command('sidecar')
    .description('run the sidecar: put an API under its owners’ control')
    .argument('[config]', 'configuration file', 'sidecar.yaml')
    .option('--check', 'check the configuration and the files that it names, without starting anything')
  return defineAction<SidecarOptions>(command, async (options, config = '') => {
    if (options.check === true) {
      const checked = await Promise.resolve(config).then(checkSidecarConfig).catch(explainStart)
      return { json: { ok: true, public_origin: checked.public_origin }, text: `${config}: ok` }
    }
    return runServer(async () => {
      const { addresses, log, reload, close } = await runSidecar(config)
      return { ready: { ready: true, origin: addresses.origin, admin: addresses.adminOrigin }, log, reload, close }
    }, options.json === true)
  })
}
