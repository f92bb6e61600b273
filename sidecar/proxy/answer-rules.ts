// What the configuration says about response fields: which ones pass, and how addresses and cache directives in them are changed.
import { type AnswerFieldKind, createAnswerFilter } from './header-rules.ts'
import { keepPrivate } from './keep-private.ts'
import { type AddressOptions, createAddressRewriter } from './own-addresses.ts'

export interface AnswerRules {
  readonly kindOf: (name: string) => AnswerFieldKind
  readonly rewrite: (kind: AnswerFieldKind, value: string) => string
}

export interface AnswerRuleOptions {
  /** Names of fields that pass although they are dropped by default. */
  readonly pass?: readonly string[] | undefined
  /** Left out: addresses stay as they are. */
  readonly addresses?: AddressOptions | undefined
}

export function createAnswerRules({ pass = [], addresses }: AnswerRuleOptions): AnswerRules {
  const rewriter = addresses && createAddressRewriter(addresses)
  return {
    kindOf: createAnswerFilter(pass.map((name) => name.toLowerCase())),
    rewrite(kind, value) {
      switch (kind) {
        case 'cache-control':
          return keepPrivate(value)
        case 'challenge':
          return rewriter?.rewriteQuoted(value) ?? value
        case 'refresh':
          return rewriter?.rewriteRefresh(value) ?? value
        case 'links':
          return rewriter?.rewriteLinks(value) ?? value
        case 'cookie':
          return rewriter?.rewriteCookie(value) ?? value
        // Any other field may be an address as a whole (`Location`, or one of the API's own).
        default:
          return value.includes('//') || kind === 'address' ? (rewriter?.rewrite(value) ?? value) : value
      }
    },
  }
}
