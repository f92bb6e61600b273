// A person of the dev world at the authz server's real pages: reads them, fills in their forms, presses their buttons. Uses nothing that a browser could not.
import type { DemoPerson } from './household.ts'
import { createPageVisitor, type Filled, findForm, firstValueOf, type Page, type PageVisitor, textOf } from './page-visitor.ts'

export interface Person {
  readonly visitor: PageVisitor
  signIn(): Promise<void>
  /** Types the code; gives back the confirm page, on which nothing is decided yet. */
  enterCode(userCode: string): Promise<Page>
  confirm(page: Page): Promise<Page>
  deny(page: Page): Promise<Page>
  readRules(): Promise<string>
  /** The page after the save, with its errors if there were any. */
  saveRules(text: string): Promise<Page>
  openInbox(): Promise<Page>
  /** Answers the oldest open request with these abilities. */
  approve(scopes: readonly string[]): Promise<Page>
  refuse(): Promise<Page>
  revokeDevice(id: string): Promise<Page>
}

export function createPerson(issuer: string, person: DemoPerson): Person {
  const visitor = createPageVisitor(issuer)

  async function send(page: Page, action: RegExp, filled: Filled = {}): Promise<Page> {
    return expectPage(await visitor.submit(page, findForm(page, action), filled))
  }

  return {
    visitor,
    async signIn() {
      const page = expectPage(await visitor.open('/signin'))
      const after = await send(page, SIGN_IN_FORM, { email: person.email, password: person.password })
      if (after.forms.some((form) => SIGN_IN_FORM.test(form.html))) throw new Error(`${person.displayName} could not sign in: ${textOf(after.html)}`)
    },
    enterCode: async (userCode) => send(expectPage(await visitor.open('/device')), /action="\/device"/, { user_code: userCode }),
    confirm: (page) => send(page, CONFIRM_FORM, { decision: 'approve' }),
    deny: (page) => send(page, CONFIRM_FORM, { decision: 'deny' }),
    async readRules() {
      const page = expectPage(await visitor.open('/rules'))
      return firstValueOf(findForm(page, RULES_FORM), 'text') ?? ''
    },
    async saveRules(text) {
      const page = expectPage(await visitor.open('/rules'))
      return visitor.submit(page, findForm(page, RULES_FORM), { text })
    },
    openInbox: async () => expectPage(await visitor.open('/inbox')),
    approve: async (scopes) => send(expectPage(await visitor.open('/inbox')), /action="\/inbox\/approve"/, { scopes }),
    refuse: async () => send(expectPage(await visitor.open('/inbox')), /action="\/inbox\/deny"/),
    async revokeDevice(id) {
      const page = expectPage(await visitor.open('/devices'))
      return send(page, new RegExp(`action="/devices/revoke"[\\s\\S]*value="${id}"`))
    },
  }
}

const SIGN_IN_FORM = /action="\/signin"/
const RULES_FORM = /action="\/rules"/
const CONFIRM_FORM = /action="\/device\/confirm"/

function expectPage(page: Page): Page {
  if (page.status >= 400) throw new Error(`${page.url} answers ${page.status}: ${textOf(page.html).slice(0, 300)}`)
  return page
}
