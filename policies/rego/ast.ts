// Rego as nodes. Owners' words are in literal nodes and comments only; print.ts alone turns nodes into text.

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

export type Term =
  | { readonly term: 'literal'; readonly value: Json }
  | { readonly term: 'set'; readonly values: readonly Json[] }
  /** A name of ours, then keys: `shares.thing["guitar-0042"]["play"]`. */
  | { readonly term: 'ref'; readonly name: Name; readonly keys: readonly Term[] }
  | { readonly term: 'call'; readonly name: Name; readonly parameters: readonly Term[] }
  | { readonly term: 'array'; readonly items: readonly Term[] }
  | { readonly term: 'object'; readonly members: readonly (readonly [key: Name, value: Term])[] }

/** Names are ours alone; print.ts refuses any that is more than a word or words joined by dots. */
export type Name = string

export type Expression =
  | { readonly expression: 'test'; readonly term: Term; readonly negated: boolean }
  | { readonly expression: 'equal'; readonly left: Term; readonly right: Term }
  | { readonly expression: 'member'; readonly element: Term; readonly collection: Term }
  | { readonly expression: 'some'; readonly variable: Name; readonly collection: Term }

/** A rule: `head := value if { body } else := otherwise`, or `head contains element if { body }`; never a default. */
export interface Rule {
  readonly head: Extract<Term, { term: 'ref' }>
  readonly contains?: Term
  readonly value?: Term
  /** The value where the body does not hold, or the first value is undefined. */
  readonly otherwise?: Term
  readonly body: readonly Expression[]
}

/** Rules that stand together under a comment. */
export interface Section {
  readonly comment: string
  readonly rules: readonly Rule[]
}

export const literal = Object.assign((value: Json): Term => ({ term: 'literal', value }), {
  set: (values: readonly Json[]): Term => ({ term: 'set', values }),
})

export function ref(name: Name, ...keys: readonly Term[]): Extract<Term, { term: 'ref' }> {
  return { term: 'ref', name, keys }
}

export function call(name: Name, ...parameters: readonly Term[]): Term {
  return { term: 'call', name, parameters }
}

export function test(term: Term): Expression {
  return { expression: 'test', term, negated: false }
}

/** True where the expression is false or undefined: a fact that is missing never lets a condition pass. */
export function not(inner: Expression): Expression {
  if (inner.expression !== 'test' || inner.negated) throw new TypeError('only a plain test is negated')
  return { ...inner, negated: true }
}

export function equal(left: Term, right: Term): Expression {
  return { expression: 'equal', left, right }
}

export function member(element: Term, collection: Term): Expression {
  return { expression: 'member', element, collection }
}

export function some(variable: Name, collection: Term): Expression {
  return { expression: 'some', variable, collection }
}
