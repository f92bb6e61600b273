// `latchkey policy build`: writes the module that sidecars run, or a bundle for stock OPA; the name of the output says which.
import { Command } from 'commander'
import { type BuildForm, type BuildResult, buildRules } from '../../policies/tools/build-rules.ts'
import type { PolicyCompiler } from '../../policies/wasm/compile.ts'
import { definePolicyCommand, type SharedOptions } from './define-command.ts'
import type { PolicyCommandPorts } from './policy-ports.ts'
import { readSource, writeOutput } from './read-source.ts'
import { UsageError } from './usage-error.ts'

interface BuildOptions extends SharedOptions {
  readonly output: string
  readonly wasm?: true
}

export function buildBuildCommand(ports: PolicyCommandPorts): Command {
  const command = new Command('build')
    .description('compile the rules to a WASM module (.wasm) or to a bundle that OPA loads (.tar.gz)')
    .argument('<file>', 'the rules; - for standard input')
    .requiredOption('-o, --output <file>', 'ends in .wasm or in .tar.gz')
    .option('--wasm', 'a bundle of the compiled module instead of the Rego')
  return definePolicyCommand<BuildOptions>(command, ports, async ({ options, files: [file = ''], tools }) => {
    const form = readForm(options)
    const source = await readSource(ports, file)
    const compiler = reportModules(tools.compiler, ports)
    const { result, content } = await buildRules(source, { ...tools, compiler, form }).finally(compiler.stop)
    if (content === undefined) return { result, sources: [source], text: '' }
    await writeOutput(ports, { file: options.output, option: '--output' }, content)
    const written = { ...result, output: options.output }
    return { result: written, sources: [source], text: describe(written) }
  })
}

const PROGRESS_MILLISECONDS = 1000

/** Says every second which module is being compiled. Large rules are made of several. */
function reportModules(compiler: PolicyCompiler, { progress }: PolicyCommandPorts): PolicyCompiler & { readonly stop: () => void } {
  let modules = 0
  const timer = progress && setInterval(() => progress(`Compiling the rules: module ${Math.max(1, modules)} ...\n`), PROGRESS_MILLISECONDS)
  return {
    compile(rego, options) {
      modules += 1
      return compiler.compile(rego, options)
    },
    close: () => compiler.close(),
    stop: () => clearInterval(timer),
  }
}

function readForm({ output, wasm }: BuildOptions): BuildForm {
  if (output.endsWith('.tar.gz')) return wasm ? 'bundle-wasm' : 'bundle'
  if (!output.endsWith('.wasm')) throw new UsageError('--output', `${output} does not end in .wasm or .tar.gz. Use .wasm for a module, .tar.gz for a bundle.`)
  if (wasm) throw new UsageError('--wasm', 'applies to bundles only. Remove it, or give an output that ends in .tar.gz.')
  return 'module'
}

function describe({ output, bytes, digest }: BuildResult & { readonly output: string }): string {
  return `${output}: ${bytes} bytes, digest ${digest}\n`
}
