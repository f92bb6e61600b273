// Reads the files that a policy command is given; `-` is standard input, once. It judges no text.
import type { ToolSource } from '../../policies/tools/tool-result.ts'
import type { PolicyCommandPorts } from './policy-ports.ts'
import { UsageError } from './usage-error.ts'

const STANDARD_INPUT = '-'
/** How diagnostics call it. */
export const STANDARD_INPUT_NAME = 'stdin'

export async function readSources(ports: PolicyCommandPorts, files: readonly string[]): Promise<readonly ToolSource[]> {
  if (files.filter((file) => file === STANDARD_INPUT).length > 1) throw new UsageError('<file>', '"-" appears twice, but standard input can be read only once.')
  const sources: ToolSource[] = []
  for (const file of files) sources.push({ file: file === STANDARD_INPUT ? STANDARD_INPUT_NAME : file, text: await readText(ports, file, '<file>') })
  return sources
}

export async function readSource(ports: PolicyCommandPorts, file: string): Promise<ToolSource> {
  const [source] = await readSources(ports, [file])
  if (source === undefined) throw new Error('one file was given')
  return source
}

export async function readText(ports: PolicyCommandPorts, file: string, option: string): Promise<string> {
  let bytes: Uint8Array
  try {
    bytes = await (file === STANDARD_INPUT ? ports.readInput() : ports.readFile(file))
  } catch (cause) {
    throw new UsageError(option, `${file} cannot be read (${reasonOf(cause)}). Give a file that exists, or "-" for standard input.`, { cause })
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new UsageError(option, `${file} cannot be read: it is not UTF-8. Save it as UTF-8.`, { cause })
  }
}

export async function writeOutput(
  ports: PolicyCommandPorts,
  { file, option }: { readonly file: string; readonly option: string },
  content: string | Uint8Array,
): Promise<void> {
  try {
    await ports.writeFile(file, content)
  } catch (cause) {
    throw new UsageError(option, `${file} cannot be written (${reasonOf(cause)}). Name a file in a folder that exists.`, { cause })
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown reason'
}
