// POST /registry/people: an operator makes an account (scope `registry`). The password is stored as a hash. Its address counts as verified only if the operator says so.
import { parseJsonObject } from '../../protocol/encoding.ts'
import type { Context } from '../context.ts'
import { type Answer, answerJson, type Exchange } from '../http/exchange.ts'
import { type AddPersonRefusal, addPerson } from '../people/add-person.ts'
import { PASSWORD_MAX_CHARACTERS, PASSWORD_MIN_CHARACTERS } from '../people/passwords.ts'

const MEMBERS = ['email', 'display_name', 'password', 'email_verified']

export async function addPersonEndpoint(exchange: Exchange, context: Context): Promise<Answer> {
  const body = parseJsonObject(exchange.body)
  if (body === undefined) return refuse('the body must be a JSON object with email, display_name and password')
  const unknown = Object.keys(body).find((member) => !MEMBERS.includes(member))
  if (unknown !== undefined) return refuse(`unknown member ${JSON.stringify(unknown)}; the members are ${MEMBERS.join(', ')}`)
  const { email, display_name: displayName, password, email_verified: emailVerified = false } = body
  if (typeof email !== 'string' || typeof displayName !== 'string' || typeof password !== 'string' || typeof emailVerified !== 'boolean')
    return refuse('email, display_name and password must be strings, email_verified true or false')
  const added = await addPerson(context, { email, displayName, password, emailVerified }, exchange.now)
  if (added.ok) return answerJson(201, { id: added.value })
  return answerJson(added.error === 'email_taken' ? 409 : 400, { error: added.error, error_description: DESCRIPTIONS[added.error] })
}

const DESCRIPTIONS: { readonly [refusal in AddPersonRefusal]: string } = {
  email_unusable: 'email must be one address such as alice@example.test',
  display_name_unusable: 'display_name must be 1 to 100 characters',
  password_too_short: `password must have at least ${PASSWORD_MIN_CHARACTERS} characters`,
  password_too_long: `password must have at most ${PASSWORD_MAX_CHARACTERS} characters`,
  email_taken: 'this e-mail address already has an account',
}

function refuse(description: string): Answer {
  return answerJson(400, { error: 'invalid_request', error_description: description })
}
