// The operator's API of accounts (scope `registry`): list, disable, enable, reset. `{who}` is an id or an e-mail address.
import type { Context } from '../context.ts'
import { type Answer, answerJson, type Exchange } from '../http/exchange.ts'
import { disableAccount, enableAccount, resetAccount } from '../people/manage-account.ts'
import { refuseExtras } from '../steps/refuse-extras.ts'
import { refuseOAuth } from '../steps/refuse-oauth.ts'
import type { Account } from '../store/people-repository.ts'

const LIST_PAGE_PEOPLE = 500

/** `?after=<email>` continues after the previous page. */
export async function listPeople(exchange: Exchange, context: Context): Promise<Answer> {
  const extra = refuseExtras(exchange, { parameter: 'after' })
  if (extra !== undefined) return extra
  const people = await context.store.read.people.listAccounts({ after: exchange.query.get('after') ?? '', most: LIST_PAGE_PEOPLE })
  const last = people.at(-1)
  return answerJson(200, { people: people.map(describe), ...(people.length === LIST_PAGE_PEOPLE && last ? { next: last.email } : {}) })
}

function describe({ id, email, emailVerified, displayName, createdAt, disabledAt }: Account): object {
  return {
    id,
    email,
    email_verified: emailVerified,
    display_name: displayName,
    status: disabledAt === undefined ? 'enabled' : 'disabled',
    created_at: createdAt,
    disabled_at: disabledAt ?? null,
  }
}

export async function disablePersonEndpoint(exchange: Exchange, context: Context): Promise<Answer> {
  const extra = refuseExtras(exchange, {})
  if (extra !== undefined) return extra
  const disabled = await disableAccount(context, whoOf(exchange), exchange.now)
  return disabled.ok ? answerJson(200, { id: disabled.value.account.id, email: disabled.value.account.email, status: 'disabled' }) : refuseUnknown()
}

export async function enablePersonEndpoint(exchange: Exchange, context: Context): Promise<Answer> {
  const extra = refuseExtras(exchange, {})
  if (extra !== undefined) return extra
  const enabled = await enableAccount(context, whoOf(exchange))
  return enabled.ok ? answerJson(200, { id: enabled.value.account.id, email: enabled.value.account.email, status: 'enabled' }) : refuseUnknown()
}

export async function resetPersonEndpoint(exchange: Exchange, context: Context): Promise<Answer> {
  const extra = refuseExtras(exchange, {})
  if (extra !== undefined) return extra
  const reset = await resetAccount(context, whoOf(exchange), exchange.now)
  if (!reset.ok) return refuseUnknown()
  const { account, token, expiresAt } = reset.value
  return answerJson(200, { id: account.id, email: account.email, reset_uri: `${context.config.issuer}/reset?token=${token}`, expires_at: expiresAt })
}

function whoOf(exchange: Exchange): string {
  return exchange.pathValues.get('who') ?? ''
}

function refuseUnknown(): Answer {
  return refuseOAuth('not_found', 'this account does not exist: give the id or the e-mail address')
}
