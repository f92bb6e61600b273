// A list of commands of which only the one that is called is loaded: help and version need names and descriptions alone.
import { Command } from 'commander'

export interface LazyCommand {
  readonly name: string
  /** The same sentence as in the command itself; a test compares the two. */
  readonly description: string
  /** `words`: what stands behind the command's name. */
  readonly load: (words: Words) => Promise<Command>
}

/** The words of a command line, or `all` to load every command with all that is below it. */
export type Words = readonly string[] | 'all'

export async function addCommands(parent: Command, commands: readonly LazyCommand[], words: Words): Promise<Command> {
  const { name: called, rest } = readCall(words)
  for (const { name, description, load } of commands) {
    if (words === 'all' || name === called) parent.addCommand(await load(words === 'all' ? 'all' : rest))
    else parent.addCommand(new Command(name).description(description))
  }
  return parent
}

/** `latchkey help policy check` asks about the same command as `latchkey policy check --help`. */
function readCall(words: Words): { readonly name: string | undefined; readonly rest: readonly string[] } {
  if (words === 'all') return { name: undefined, rest: [] }
  const at = words.findIndex((word) => !word.startsWith('-') && word !== 'help')
  return at < 0 ? { name: undefined, rest: [] } : { name: words[at], rest: words.slice(at + 1) }
}
