// Reads a form of our own pages: URL-encoded, each field once but for boxes to tick. Anything else did not come from them (attack row C04: JSON sent as text/plain).
import { answerRefusal } from '../console/pages/refusal.ts'
import type { Context } from '../context.ts'
import type { Answer, Exchange } from '../http/exchange.ts'
import { readMediaType } from '../http/media-type.ts'

const FORM_MAX_FIELDS = 100
/** Several boxes of this name may be ticked; their values come joined by spaces, which no ability holds. */
const BOXES = 'scopes'

export async function parsePageForm(exchange: Exchange, context: Context): Promise<Answer | undefined> {
  const type = readMediaType(exchange.request)
  if (type !== 'application/x-www-form-urlencoded') return answerRefusal(exchange, context, 'foreign_form')
  const form = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(exchange.body.toString('utf8'))) {
    const before = form.get(name)
    if ((before !== undefined && name !== BOXES) || form.size >= FORM_MAX_FIELDS) return answerRefusal(exchange, context, 'foreign_form')
    form.set(name, before === undefined ? value : `${before} ${value}`)
  }
  exchange.form = form
  return undefined
}
