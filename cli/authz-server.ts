// `latchkey authz-server`: runs the authz server of a configuration file, or only checks the file.
import { Command } from 'commander'
import { createLog, readConfig, runAuthzServer } from '../authz-server/main.ts'
import { defineAction, type JsonOption } from './run-action.ts'
import { explainStart, runServer } from './run-server.ts'

interface AuthzServerOptions extends JsonOption {
  readonly check?: boolean
}

export function buildAuthzServerCommand(): Command {
  const command = new Command('authz-server')
    .description('run the authz server: registry, pairing, tokens, rules, pages')
    .argument('[config]', 'its configuration', 'authz-server.yaml')
    .option('--check', 'check the configuration and start nothing')
  return defineAction<AuthzServerOptions>(command, async (options, config = '') => {
    if (options.check === true) {
      const { issuer } = await Promise.resolve(config)
        .then((file) => readConfig(file, createLog()))
        .catch(explainStart)
      return { json: { ok: true, issuer }, text: `${config}: ok` }
    }
    return runServer(async () => {
      const { issuer, port, adminPort, reload, close } = await runAuthzServer(config)
      return { ready: { ready: true, origin: issuer, port, ...(adminPort === undefined ? {} : { admin_port: adminPort }) }, reload, close }
    }, options.json === true)
  })
}
