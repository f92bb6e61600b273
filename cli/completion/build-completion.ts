// Builds the completion scripts of shells from the tree of commands. Pure; `npm run update-goldens` writes the scripts beside this file, and a test compares them.
import type { Command } from 'commander'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

interface Node {
  /** Words of the command without `latchkey`, e.g. `policy check`. */
  readonly path: string
  readonly children: readonly { readonly name: string; readonly description: string }[]
  readonly options: readonly { readonly long: string; readonly description: string }[]
}

export function buildCompletion(shell: Shell, program: Command): string {
  const nodes = listNodes(program, '')
  return shell === 'fish' ? buildFish(nodes) : buildBash(nodes, shell === 'zsh')
}

function listNodes(command: Command, path: string): readonly Node[] {
  const children = command.commands.map((child) => ({ name: child.name(), description: child.description() }))
  const options = command.options.flatMap(({ long, description }) => (long === null || long === undefined ? [] : [{ long, description }]))
  const below = command.commands.flatMap((child) => listNodes(child, path === '' ? child.name() : `${path} ${child.name()}`))
  return [{ path, children, options: [...options, { long: '--help', description: 'display help for command' }] }, ...below]
}

const HEAD = '# Generated from the commands of latchkey; do not edit.'

/** zsh runs the same function through its bash compatibility. */
function buildBash(nodes: readonly Node[], isZsh: boolean): string {
  const known = nodes.filter(({ path }) => path !== '').map(({ path }) => `'${path.includes(' ') ? path : ` ${path}`}'`)
  const cases = nodes.map(({ path, children, options }) => {
    const words = [...children.map(({ name }) => name), ...options.map(({ long }) => long)]
    return `    '${path}') words='${words.join(' ')}' ;;`
  })
  return [
    ...(isZsh ? ['#compdef latchkey', HEAD, 'autoload -U +X bashcompinit && bashcompinit'] : [HEAD]),
    '_latchkey() {',
    "  local path='' words='' i",
    '  for ((i = 1; i < COMP_CWORD; i++)); do',
    `    case "$path \${COMP_WORDS[i]}" in`,
    `      ${known.join('|')}) path="\${path:+$path }\${COMP_WORDS[i]}" ;;`,
    '    esac',
    '  done',
    '  case "$path" in',
    ...cases,
    '  esac',
    `  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))`,
    '}',
    'complete -o default -F _latchkey latchkey',
    '',
  ].join('\n')
}

function buildFish(nodes: readonly Node[]): string {
  const lines = nodes.flatMap(({ path, children, options }) => {
    const above = path === '' ? [] : path.split(' ').map((name) => `__fish_seen_subcommand_from ${name}`)
    const here = children.length === 0 ? above : [...above, `not __fish_seen_subcommand_from ${children.map(({ name }) => name).join(' ')}`]
    const when = here.length === 0 ? '' : ` -n '${here.join('; and ')}'`
    return [
      ...children.map(({ name, description }) => `complete -c latchkey${when} -f -a ${name} -d '${quote(description)}'`),
      ...options.map(({ long, description }) => `complete -c latchkey${when} -l ${long.slice(2)} -d '${quote(description)}'`),
    ]
  })
  return [HEAD, ...lines, ''].join('\n')
}

function quote(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
}
