// A person at a browser without JavaScript, for tests: keeps cookies, finds the form token of a page, sends forms. Follows no redirect by itself.
import { PASSWORD } from './authz-world.ts'

export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly html: string
  readonly location: string
}

export interface Visitor {
  readonly cookies: Map<string, string>
  open(path: string, headers?: Readonly<Record<string, string>>): Promise<Answered>
  /** Sends exactly these fields. */
  post(path: string, fields: Readonly<Record<string, string>>, headers?: Readonly<Record<string, string>>): Promise<Answered>
  /** Opens `page`, takes its form token and sends the fields with it to `path`. */
  submit(page: string, path: string, fields: Readonly<Record<string, string>>): Promise<Answered>
  signIn(email: string, password?: string): Promise<Answered>
}

/** `headers` go with every request, such as those that a proxy would add. */
export function createVisitor(origin: string, always: Readonly<Record<string, string>> = {}, reach: typeof fetch = fetch): Visitor {
  const cookies = new Map<string, string>()

  async function send(path: string, init: RequestInit): Promise<Answered> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await reach(origin + path, {
      ...init,
      redirect: 'manual',
      headers: { ...always, ...(init.headers as Record<string, string>), ...(cookie && { cookie }) },
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (/max-age=0/i.test(line)) cookies.delete(name)
      else cookies.set(name, value)
    }
    return { status: response.status, headers: response.headers, html: await response.text(), location: response.headers.get('location') ?? '' }
  }

  const visitor: Visitor = {
    cookies,
    open: (path, headers = {}) => send(path, { headers }),
    post: (path, fields, headers = {}) => send(path, { method: 'POST', body: new URLSearchParams(fields), headers }),
    async submit(page, path, fields) {
      const opened = await visitor.open(page)
      return visitor.post(path, { form_token: formTokenOf(opened.html), ...fields }, { origin })
    },
    signIn: (email, password = PASSWORD) => visitor.submit('/signin', '/signin', { email, password }),
  }
  return visitor
}

export function formTokenOf(html: string): string {
  const token = /name="form_token" value="([^"]+)"/.exec(html)?.[1]
  if (token === undefined) throw new Error(`no form token on the page: ${html.slice(0, 500)}`)
  return token
}

/** The text of the first element of that kind with that name. */
export function fieldOf(html: string, name: string): string {
  return new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? ''
}
