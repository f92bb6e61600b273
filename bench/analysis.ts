// What the tables of a household cost: who can do what, and who gains and who loses by a change, for 20 people, 50 things and 200 shares.
import { diffPolicies } from '../policies/analysis/diff-policies.ts'
import { listAccess } from '../policies/analysis/list-access.ts'
import type { Household } from '../policies/analysis/universe.ts'
import type { RuleSet } from '../policies/model/rule-set.ts'
import { parsePolicy } from '../policies/parse-policy.ts'
import { printTable } from './report.ts'

const ROUNDS = 5
const NOW_MILLISECONDS = Date.UTC(2026, 10, 23, 12)
const PEOPLE = 20
const THINGS = 50
const SHARES = 200
const ABILITIES = ['read', 'play', 'tune', 'diagnose', 'record', 'configure']
const DAYS = ['[mon-fri]', '[sat, sun]', '[mon, wed, fri]']
const HOURS = ['08:00-22:00', '22:00-06:00', '12:00-14:00', '09:30-17:45']

export async function benchAnalysis(): Promise<void> {
  const before = householdRules(0)
  const one = householdRules(1)
  const all = householdRules(SHARES)
  const cells = listAccess({ ruleSet: before, household: HOUSEHOLD, now: NOW_MILLISECONDS }).cells.length
  const size = `${PEOPLE} people, ${THINGS} things, ${SHARES} shares`
  printTable({
    title: `Tables of a household: ${size}, ${cells} cells`,
    unit: 'ms',
    rows: [
      { name: 'who can do what', rounds: rounds(() => listAccess({ ruleSet: before, household: HOUSEHOLD, now: NOW_MILLISECONDS })) },
      { name: 'diff, one share changed', rounds: rounds(() => diffPolicies({ before, after: one, household: HOUSEHOLD, now: NOW_MILLISECONDS })) },
      { name: 'diff, every share changed', rounds: rounds(() => diffPolicies({ before, after: all, household: HOUSEHOLD, now: NOW_MILLISECONDS })) },
    ],
  })
}

const HOUSEHOLD: Household = {
  people: Array.from({ length: PEOPLE }, (_, index) => ({ email: `person-${index}@example.test` })),
  things: Array.from({ length: THINGS }, (_, index) => ({ key: `thing-${index}`, type: `type-${index % 5}`, tags: [`tag-${index % 7}`] })),
  abilities: ABILITIES,
}

/** The same household each time; in the first `changed` shares the hours are others. */
function householdRules(changed: number): RuleSet {
  const shares = Array.from({ length: SHARES }, (_, index) => share(index, index < changed))
  const text = `version: 1\ndefaults: { timezone: Europe/Paris }\nshares:\n${shares.join('\n')}\nblock:\n  - { who: [person-19@example.test], what: ["tag:tag-0"] }\n`
  const ruleSet = parsePolicy({ text, file: 'bench.yaml' })
  if (!ruleSet.ok) throw new Error(`the bench document is refused: ${JSON.stringify(ruleSet.error[0])}`)
  return ruleSet.value
}

function share(index: number, changed: boolean): string {
  const who = index % 10 === 0 ? 'anyone-signed-in' : `person-${index % PEOPLE}@example.test`
  const what = [`thing-${index % THINGS}`, `"type:type-${index % 5}"`, `"tag:tag-${index % 7}"`][index % 3]
  const hours = HOURS[(index + (changed ? 1 : 0)) % HOURS.length]
  return [
    `  - name: share ${index}`,
    `    who: [${who}]`,
    `    what: [${what}]`,
    `    may: [${ABILITIES[index % ABILITIES.length]}, read]`,
    `    only: { days: ${DAYS[index % DAYS.length]}, between: "${hours}" }`,
    ...(index % 4 === 0 ? [`    until: 2027-0${1 + (index % 9)}-15`] : []),
    ...(index % 5 === 0 ? ['    hide: [$.location]'] : []),
    ...(index % 11 === 0 ? ['    ask: once'] : []),
  ].join('\n')
}

function rounds(work: () => unknown): readonly number[] {
  return Array.from({ length: ROUNDS }, () => {
    const started = performance.now()
    work()
    return performance.now() - started
  })
}
