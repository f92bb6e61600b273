// How large a document may be: for texts that others send, and for texts of one's own.

export interface PolicyLimits {
  /** Of the text. */
  readonly textBytes: number
  /** Of the text: words, marks such as commas, spaces between them, line ends and comments. Counted before anything is built from them. */
  readonly tokens: number
  /** Of thing and ability, over all shares: each is a rule of a module. */
  readonly pairs: number
}

/** A household's rules are a few kilobytes. This much is parsed in a second, and compiled in ten, whatever it is. */
export const POSTED_LIMITS: PolicyLimits = { textBytes: 256 * 1024, tokens: 200_000, pairs: 5000 }

/** Ten thousand shares with several abilities each; a hostile text of this size would keep the parser busy for a minute. */
export const OWN_LIMITS: PolicyLimits = { textBytes: 4 * 1024 * 1024, tokens: 3_000_000, pairs: 50_000 }

/** Of one thing, or of all shares that speak of more than single things: these stand in one module together. */
export const MODULE_PAIRS_MAX = 5000
