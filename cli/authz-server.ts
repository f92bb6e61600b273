// `latchkey authz-server`: runs the authz server of a configuration file, or only checks the file.
import { Command } from 'commander'
import { checkAuthzServerConfig, createLog, previewConfiguration, runAuthzServer } from '../authz-server/main.ts'
import { defineAction, type JsonOption } from './run-action.ts'
import { explainStart, runServer } from './run-server.ts'

interface AuthzServerOptions extends JsonOption {
  readonly check?: boolean
  readonly dryRun?: boolean
}

export function buildAuthzServerCommand(): Command {
  const command = new Command('authz-server')
    .description('run the authz server: registry, pairing, tokens, rules, pages')
    .argument('[config]', 'configuration file', 'authz-server.yaml')
    .option('--check', 'check the configuration and the files it names without starting anything')
    .option('--dry-run', 'show what a start with this configuration would change in paired things, tokens and requests, without changing it')
  return defineAction<AuthzServerOptions>(command, async (options, config = '') => {
    if (options.check === true) {
      const { issuer } = await Promise.resolve(config)
        .then((file) => checkAuthzServerConfig(file, createLog()))
        .catch(explainStart)
      return { json: { ok: true, issuer }, text: `${config}: ok` }
    }
    if (options.dryRun === true) {
      const changes = await Promise.resolve(config)
        .then((file) => previewConfiguration(file, createLog()))
        .catch(explainStart)
      const text =
        changes.length === 0
          ? 'a start would not change any existing data'
          : ['a start would make these changes:', ...changes.map((change) => `  ${change}`)].join('\n')
      return { json: { changes }, text }
    }
    return runServer(async () => {
      const { issuer, port, adminPort, log, reload, close } = await runAuthzServer(config)
      return { ready: { ready: true, origin: issuer, port, ...(adminPort === undefined ? {} : { admin_port: adminPort }) }, log, reload, close }
    }, options.json === true)
  })
}
