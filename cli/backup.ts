// `latchkey backup`: copies the database and the keys of an authz server into one file, while the server runs or not.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { readKeyFiles } from '../authz-server/config/key-files.ts'
import { readConfig } from '../authz-server/main.ts'
import { writeBackup } from '../authz-server/store/backup-file.ts'
import { DATABASE_FILE } from '../authz-server/store/store.ts'
import { CommandError, EXIT_CODES } from './command-error.ts'
import { type CommandAnswer, defineAction, type JsonOption } from './run-action.ts'
import { explainStart } from './run-server.ts'
import { SILENT_LOG } from './silent-log.ts'

interface BackupOptions extends JsonOption {
  readonly config: string
  readonly out: string
}

export function buildBackupCommand(): Command {
  const command = new Command('backup')
    .description('copy the database and keys of an authz server into one file; the server may be running')
    .option('--config <file>', "the authz server's configuration", 'authz-server.yaml')
    .requiredOption('--out <file>', 'the file to write, with mode 0600; it contains private keys and must not exist yet')
  return defineAction<BackupOptions>(command, async (options) => {
    try {
      return backUp(options)
    } catch (cause) {
      return explainStart(cause)
    }
  })
}

function backUp({ config, out }: BackupOptions): CommandAnswer {
  const { data_directory: dataDirectory, issuer } = readConfig(config, SILENT_LOG)
  const databaseFile = join(dataDirectory, DATABASE_FILE)
  if (!existsSync(databaseFile)) {
    throw new CommandError({ exitCode: EXIT_CODES.usage, file: databaseFile, message: 'there is no database', remedy: 'give the configuration of the server' })
  }
  const path = resolve(out)
  const written = write({ databaseFile, out: path, issuer, madeAt: new Date().toISOString(), readFiles: () => readKeyFiles(dataDirectory) })
  if (!written.ok) {
    throw new CommandError({
      exitCode: EXIT_CODES.usage,
      option: '--out',
      file: path,
      message: 'already exists',
      remedy: 'choose another name; a backup never replaces a file',
    })
  }
  const { incarnation, revision, madeAt } = written.value
  const json = { file: path, issuer, made_at: madeAt, incarnation, revision }
  return { json, text: `${path}: backup of ${issuer} at feed revision ${revision}\nIt contains the server's private keys: keep it where only you can read it.` }
}

function write(request: Parameters<typeof writeBackup>[0]): ReturnType<typeof writeBackup> {
  try {
    return writeBackup(request)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === undefined || !/^(?:E[A-Z]+|SQLITE_(?:FULL|IOERR|CANTOPEN|BUSY).*)$/.test(code)) throw cause
    const fault = { exitCode: EXIT_CODES.usage, option: '--out', file: request.out, message: `cannot be written (${message})` }
    throw new CommandError({ ...fault, remedy: 'give a path in a directory that you can write to, with space for the whole database' }, { cause })
  }
}
