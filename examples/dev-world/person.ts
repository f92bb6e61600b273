// A person of the dev world at the authz server's real pages: reads them, fills in their forms, presses their buttons. Uses nothing that a browser could not.
import type { DemoPerson } from './household.ts'
import { createPageVisitor, findForm, type Page, type PageForm, type PageVisitor, textOf } from './page-visitor.ts'

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
  /** Answers the one open request with these abilities. */
  approve(scopes: readonly string[]): Promise<Page>
  revokeDevice(id: string): Promise<Page>
}

export function createPerson(issuer: string, person: DemoPerson): Person {
  const visitor = createPageVisitor(issuer)

  async function press(page: Page, pattern: RegExp, fields: Readonly<Record<string, string>> = {}): Promise<Page> {
    return expectPage(await visitor.submit(page, findForm(page, pattern), fields))
  }

  async function pressButton(page: Page, form: RegExp, button: RegExp): Promise<Page> {
    const found = findForm(page, form)
    const pressed = found.buttons.find(({ text, value }) => button.test(text) || button.test(value))
    if (pressed === undefined) throw new Error(`${page.url} has no button ${button}, only ${found.buttons.map(({ text }) => text).join(', ')}`)
    return expectPage(await visitor.submit(page, found, pressed.name === '' ? {} : { [pressed.name]: pressed.value }))
  }

  async function openRules(): Promise<{ page: Page; form: PageForm; field: string }> {
    const page = expectPage(await visitor.open('/rules'))
    const form = findForm(page, /<textarea/)
    const field = /<textarea[^>]*\sname="([^"]+)"/.exec(form.html)?.[1]
    if (field === undefined) throw new Error('the rules page has no text to edit')
    return { page, form, field }
  }

  return {
    visitor,
    async signIn() {
      const page = await visitor.open('/signin')
      const after = await press(page, /type="password"/, { email: person.email, password: person.password })
      if (after.forms.some((form) => /type="password"/.test(form.html))) throw new Error(`${person.displayName} could not sign in: ${textOf(after.html)}`)
    },
    async enterCode(userCode) {
      return press(expectPage(await visitor.open('/device')), /name="user_code"/, { user_code: userCode })
    },
    confirm: (page) => pressButton(page, CONFIRM_FORM, /confirm|allow|approve|pair/i),
    deny: (page) => pressButton(page, CONFIRM_FORM, /deny|not mine|refuse/i),
    async readRules() {
      const { form, field } = await openRules()
      return form.fields[field] ?? ''
    },
    async saveRules(text) {
      const { page, form, field } = await openRules()
      return visitor.submit(page, form, { [field]: text })
    },
    openInbox: async () => expectPage(await visitor.open('/inbox')),
    async approve(scopes) {
      const page = expectPage(await visitor.open('/inbox'))
      const form = findForm(page, /approve/i)
      return expectPage(await visitor.submit(page, form, { scopes: scopes.join(' ') }))
    },
    async revokeDevice(id) {
      const page = expectPage(await visitor.open('/devices'))
      return press(page, new RegExp(`${id}[\\s\\S]*revoke|revoke[\\s\\S]*${id}`, 'i'))
    },
  }
}

const CONFIRM_FORM = /<button/i

function expectPage(page: Page): Page {
  if (page.status >= 400) throw new Error(`${page.url} answers ${page.status}: ${textOf(page.html).slice(0, 300)}`)
  return page
}
