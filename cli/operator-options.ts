// The options of commands that act as an operator: which authz server, which client, which key. Each has a variable of the environment.
import { type Command, Option } from 'commander'
import { createOperatorApi, type OperatorApi } from './operator-api.ts'
import { readKey } from './read-key.ts'
import type { JsonOption } from './run-action.ts'

export interface OperatorOptions extends JsonOption {
  readonly issuer: string
  readonly clientId: string
  readonly keyFile: string
}

export function addOperatorOptions(command: Command): Command {
  return command
    .addOption(new Option('--issuer <origin>', 'authz server, e.g. https://authz.example.com').env('LATCHKEY_ISSUER').makeOptionMandatory())
    .addOption(new Option('--client-id <id>', "the operator's client").env('LATCHKEY_CLIENT_ID').makeOptionMandatory())
    .addOption(new Option('--key-file <file>', "the operator's private key").env('LATCHKEY_KEY_FILE').makeOptionMandatory())
}

export function openOperatorApi(options: OperatorOptions): OperatorApi {
  return createOperatorApi({ issuer: options.issuer, clientId: options.clientId, key: readKey('--key-file', options.keyFile) })
}
