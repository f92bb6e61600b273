// Words of earlier versions that are still read and can be mistaken for something else.
import type { Warning, WarningContext } from './warning-context.ts'

const MESSAGE =
  '"ask: true" means "ask: once": after an approval, later requests pass without asking you. Write "ask: once" to keep that, or "ask: each time" to approve every request.'

/** Only the text shows which word was written. */
export function findUnclearAsks({ yaml, place }: WarningContext): readonly Warning[] {
  const { shares } = (yaml?.value ?? {}) as { readonly shares?: readonly { readonly ask?: unknown }[] }
  return (shares ?? []).flatMap((share, index) =>
    share.ask === true ? [{ ...place(`/shares/${index}/ask`, 1), code: 'ask_unclear' as const, message: MESSAGE }] : [],
  )
}
