// Runs the comparisons, one after the other, and prints them. Figures are for one machine and one run: compare rows, not runs.
import { availableParallelism } from 'node:os'
import { benchAnalysis } from './analysis.ts'
import { benchForwarding } from './forwarding.ts'
import { benchPolicy } from './policy.ts'
import { benchPropagation } from './propagation.ts'

const SECTIONS: Readonly<Record<string, () => Promise<void>>> = {
  policy: benchPolicy,
  analysis: benchAnalysis,
  forwarding: benchForwarding,
  propagation: benchPropagation,
}

const chosen = process.argv.slice(2)
const unknown = chosen.filter((name) => !(name in SECTIONS))
if (unknown.length > 0) {
  console.error(`unknown section ${unknown.join(', ')}; known: ${Object.keys(SECTIONS).join(', ')}`)
  process.exit(2)
}
console.log(`Node ${process.version}, ${availableParallelism()} cores`)
for (const [name, bench] of Object.entries(SECTIONS)) {
  if (chosen.length === 0 || chosen.includes(name)) await bench()
}
