// The only file that writes Rego text. Whatever an owner wrote leaves here as a quoted literal or as a comment of one line.
import type { Expression, Json, Name, Rule, Section, Term } from './ast.ts'

const NAME = /^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*$/

/** A whole module: the head, the sections, and the text of the fixed library behind them. */
export function printModule(sections: readonly Section[], library: string, source = "an owner's sharing policy"): string {
  const head = `# Made from ${source}. Do not edit: change the policy and build again.\npackage latchkey.sharing\n`
  return `${[head, ...sections.map(printSection), library.trim()].join('\n')}\n`
}

function printSection({ comment, rules }: Section): string {
  return `# ${printComment(comment)}\n${rules.map(printRule).join('\n')}\n`
}

/** Letters, numbers, punctuation and plain spaces stay; line ends, controls and direction marks do not. */
function printComment(text: string): string {
  return text.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, '?')
}

function printRule(rule: Rule): string {
  return rule.otherwise === undefined ? printHead(rule) : `${printHead(rule)} else := ${printTerm(rule.otherwise)}`
}

function printHead({ head, contains, value, body }: Rule): string {
  const what = contains !== undefined ? ` contains ${printTerm(contains)}` : value !== undefined ? ` := ${printTerm(value)}` : ''
  const [first, ...rest] = body.map(printExpression)
  if (first === undefined) return `${printTerm(head)}${what}`
  return rest.length === 0
    ? `${printTerm(head)}${what} if ${first}`
    : `${printTerm(head)}${what} if {\n${[first, ...rest].map((line) => `\t${line}\n`).join('')}}`
}

function printExpression(expression: Expression): string {
  switch (expression.expression) {
    case 'test':
      return `${expression.negated ? 'not ' : ''}${printTerm(expression.term)}`
    case 'equal':
      return `${printTerm(expression.left)} == ${printTerm(expression.right)}`
    case 'member':
      return `${printTerm(expression.element)} in ${printTerm(expression.collection)}`
    case 'some':
      return `some ${printName(expression.variable)} in ${printTerm(expression.collection)}`
  }
}

function printTerm(term: Term): string {
  switch (term.term) {
    case 'literal':
      return printJson(term.value)
    case 'set':
      return term.values.length === 0 ? 'set()' : `{${term.values.map(printJson).join(', ')}}`
    case 'ref':
      return `${printName(term.name)}${term.keys.map((key) => `[${printTerm(key)}]`).join('')}`
    case 'call':
      return `${printName(term.name)}(${term.parameters.map(printTerm).join(', ')})`
    case 'array':
      return `[${term.items.map(printTerm).join(', ')}]`
    case 'object':
      return `{${term.members.map(([key, value]) => `${JSON.stringify(printName(key))}: ${printTerm(value)}`).join(', ')}}`
  }
}

/** JSON is Rego; line separators and everything outside plain text are written as escapes, so that no byte of an owner can end the line. */
function printJson(value: Json): string {
  return JSON.stringify(value).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, escapeUnits)
}

function escapeUnits(character: string): string {
  return Array.from({ length: character.length }, (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`).join('')
}

function printName(name: Name): string {
  if (!NAME.test(name)) throw new TypeError('a name in a Rego node must be a plain word')
  return name
}
