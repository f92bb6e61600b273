// Opens a key file for a command; every reason to refuse it becomes a message that names file and remedy.
import { explainKeyFileRefusal, openKeyFile, openOrCreateKeyFile } from '../device/key-file.ts'
import type { SigningKey } from '../protocol/jws.ts'
import { CommandError, EXIT_CODES } from './command-error.ts'

export function readKey(option: string, file: string, orCreate = false): SigningKey {
  const opened = orCreate ? openOrCreateKeyFile(file) : openKeyFile(file)
  if (opened.ok) return opened.value
  throw new CommandError({ exitCode: EXIT_CODES.usage, option, code: opened.error, message: explainKeyFileRefusal(file, opened.error) })
}
