// Warns about rules that name an app which anybody can claim to be: such a name opens nothing, and a block of it is easily evaded.
import type { Diagnostic } from '../../../policies/diagnostic.ts'
import { expandWho } from '../../../policies/model/expand.ts'
import type { RuleSet, Who } from '../../../policies/model/rule-set.ts'
import { RULES_FILE } from '../rules-file.ts'

/** `publicClients`: client ids of apps that do not authenticate. */
export function findClientWarnings(rules: RuleSet, publicClients: ReadonlySet<string>): readonly Diagnostic[] {
  const namesOf = (who: readonly Who[]) => expandWho(who, rules).flatMap((one) => (one.kind === 'client' ? [one.client] : []))
  const warn = (line: number, client: string, why: string): Diagnostic => ({
    file: RULES_FILE,
    line,
    column: 1,
    code: 'public_client',
    message: `Anyone can claim to be the app "${client}", because it has no credentials. ${why}`,
    severity: 'warning',
  })
  const shares = rules.shares.flatMap(({ line, who, conditions }) => {
    const named = [...namesOf(who), ...conditions.flatMap((one) => (one.kind === 'client' ? one.clients : []))]
    return [...new Set(named)]
      .filter((client) => publicClients.has(client))
      .map((client) => warn(line, client, 'So this name grants nothing: name the people instead.'))
  })
  const stops = [...rules.block, ...rules.pause].flatMap(({ line, who = [] }) =>
    namesOf(who)
      .filter((client) => publicClients.has(client))
      .map((client) => warn(line, client, 'So it can evade this rule under another name: name the people instead.')),
  )
  return [...shares, ...stops]
}
