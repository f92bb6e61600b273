// Prints figures as a person reads them: every round, then the median, then the ratio to the row that is the measure.
import { median, round } from './statistics.ts'

export interface Row {
  readonly name: string
  /** One figure a round. */
  readonly rounds: readonly number[]
}

export interface Table {
  readonly title: string
  readonly unit: string
  /** The row that the others are divided by; none: no ratios. */
  readonly measure?: string
  readonly rows: readonly Row[]
}

export function printTable({ title, unit, measure, rows }: Table): void {
  const base = rows.find(({ name }) => name === measure)
  const width = Math.max(...rows.map(({ name }) => name.length))
  console.log(`\n${title} (${unit})`)
  for (const { name, rounds } of rows) {
    const ratio = base === undefined ? '' : `  ratio ${round(median(rounds) / median(base.rounds))}`
    console.log(`  ${name.padEnd(width)}  median ${round(median(rounds)).padStart(8)}${ratio}  rounds ${rounds.map(round).join(' ')}`)
  }
}
