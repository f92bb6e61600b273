// `latchkey restore`: puts the database and the keys of a backup in place while the server is stopped. What was there is moved aside, never removed.
import { closeSync, fstatSync, openSync } from 'node:fs'
import { resolve } from 'node:path'
import { Command } from 'commander'
import { readConfig } from '../authz-server/main.ts'
import { type BackupContent, type BackupRefusal, readBackup } from '../authz-server/store/backup-file.ts'
import { openDataDirectory } from '../system/data-directory.ts'
import { lockDirectory } from '../system/directory-lock.ts'
import { judgePrivateFile, OPEN_WITHOUT_LINK } from '../system/private-file.ts'
import { CommandError, EXIT_CODES } from './command-error.ts'
import { hasDatabaseOrKeys, putInPlace } from './restore-files.ts'
import { type CommandAnswer, defineAction, type JsonOption } from './run-action.ts'
import { explainStart } from './run-server.ts'
import { SILENT_LOG } from './silent-log.ts'

interface RestoreOptions extends JsonOption {
  readonly config: string
  readonly replace?: boolean
}

export function buildRestoreCommand(): Command {
  const command = new Command('restore')
    .description('restore a backup of an authz server; the server must be stopped')
    .argument('<file>', 'a file that `latchkey backup` wrote')
    .option('--config <file>', "the authz server's configuration", 'authz-server.yaml')
    .option('--replace', 'move an existing database and keys aside')
  return defineAction<RestoreOptions>(command, async (options, file = '') => {
    try {
      return restore(file, options)
    } catch (cause) {
      return explainStart(cause)
    }
  })
}

function restore(file: string, { config, replace }: RestoreOptions): CommandAnswer {
  const { data_directory: dataDirectory, issuer } = readConfig(config, SILENT_LOG)
  const path = resolve(file)
  const backup = open(path)
  openDataDirectory(dataDirectory)
  const lock = lockDirectory({ directory: dataDirectory, program: 'restore', pid: process.pid })
  try {
    if (replace !== true && hasDatabaseOrKeys(dataDirectory)) {
      const message = 'a database or keys already exist'
      throw new CommandError({
        exitCode: EXIT_CODES.usage,
        file: dataDirectory,
        message,
        remedy: 'use --replace to move them aside, or use an empty data directory',
      })
    }
    const replaced = putInPlace({ dataDirectory, backup: path, files: backup.files, now: new Date() })
    return describe({ dataDirectory, issuer, backup, replaced })
  } finally {
    lock.release()
  }
}

interface Restored {
  readonly dataDirectory: string
  readonly issuer: string
  readonly backup: BackupContent
  readonly replaced: string | undefined
}

function describe({ dataDirectory, issuer, backup, replaced }: Restored): CommandAnswer {
  const warning =
    backup.issuer === issuer ? undefined : `the backup is of ${backup.issuer}, the configuration says ${issuer}: tokens and pairings from before are rejected`
  const json = { data_directory: dataDirectory, issuer: backup.issuer, made_at: backup.madeAt, revision: backup.revision, replaced: replaced ?? null }
  const lines = [
    `${dataDirectory}: restored the backup of ${backup.madeAt}, feed revision ${backup.revision}`,
    ...(replaced === undefined ? [] : [`The previous database and keys are in ${replaced}`]),
    ...(warning === undefined ? [] : [`Warning: ${warning}`]),
    'Start the authz server: its sidecars take a snapshot at once.',
  ]
  return { json: { ...json, warnings: warning === undefined ? [] : [warning] }, text: lines.join('\n') }
}

const REFUSALS: { readonly [refusal in Exclude<BackupRefusal, 'file_exists'>]: readonly [message: string, remedy: string] } = {
  not_a_backup: ['is not a backup', 'give a file that `latchkey backup` wrote; for a copied database, see docs/storage.md'],
  damaged: ['is damaged', 'use another backup; this one was truncated or changed'],
  of_a_newer_version: ['was written by a newer version of latchkey', 'install that version, or give an older backup'],
}

function open(path: string): BackupContent {
  refuseForeign(path)
  const backup = readBackup(path)
  if (backup.ok) return backup.value
  const [message, remedy] = REFUSALS[backup.error]
  throw new CommandError({ exitCode: EXIT_CODES.usage, file: path, code: backup.error, message, remedy })
}

/** It holds keys, and becomes what the server believes: nobody else may have read or changed it. */
function refuseForeign(path: string): void {
  const file = openBackup(path)
  try {
    const refusal = judgePrivateFile(fstatSync(file), Number.POSITIVE_INFINITY)
    if (refusal !== undefined) throw buildFault(path, `cannot be trusted: ${refusal}`)
  } finally {
    closeSync(file)
  }
}

function openBackup(path: string): number {
  try {
    return openSync(path, OPEN_WITHOUT_LINK)
  } catch (cause) {
    throw buildFault(path, `cannot be opened (${(cause as NodeJS.ErrnoException).code ?? 'unknown'})`)
  }
}

function buildFault(path: string, message: string): CommandError {
  return new CommandError({ exitCode: EXIT_CODES.usage, file: path, message, remedy: 'give a regular file of this user with mode 0600 (chmod 600)' })
}
