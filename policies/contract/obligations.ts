// What a decision may ask of the one that carries it out. Declared data; an obligation that is unknown or cannot be met is a refusal.

/** Remove these places from a JSON answer. JSONPath of the small form `$.a.b`, `$.a[*].b` (RFC 9535 name and wildcard selectors). */
export interface HideObligation {
  readonly kind: 'hide'
  readonly paths: readonly string[]
}

export type Obligation = HideObligation
