// A person at a browser without JavaScript: keeps cookies, reads the forms of a page, fills them in and sends them. Knows no secret that the page does not show.

export interface Page {
  readonly status: number
  readonly url: string
  readonly html: string
  readonly forms: readonly PageForm[]
}

export interface PageForm {
  readonly action: string
  readonly method: string
  /** Fields as the page filled them in, hidden ones and ticked boxes included; a name may come more than once. */
  readonly fields: readonly FormField[]
  /** Name and value of each button that sends this form. */
  readonly buttons: readonly { readonly name: string; readonly value: string; readonly text: string }[]
  readonly html: string
}

export type FormField = readonly [name: string, value: string]

/** What the person changes, by name; a list for boxes of one name. */
export type Filled = Readonly<Record<string, string | readonly string[]>>

export interface PageVisitor {
  open(path: string): Promise<Page>
  /** Sends a form with these fields changed; follows the redirect as a browser does. */
  submit(page: Page, form: PageForm, filled?: Filled): Promise<Page>
}

const REDIRECTS_MAX = 5

export function createPageVisitor(origin: string): PageVisitor {
  const cookies = new Map<string, string>()

  async function request(url: string, init: RequestInit): Promise<Page> {
    let response = await send(url, init)
    let at = url
    for (let hops = 0; hops < REDIRECTS_MAX && response.status >= 300 && response.status < 400; hops += 1) {
      await response.body?.cancel()
      at = new URL(response.headers.get('location') ?? '/', at).href
      if (new URL(at).origin !== origin) throw new Error(`the page sends the person elsewhere: ${at}`)
      response = await send(at, {})
    }
    const html = await response.text()
    return { status: response.status, url: at, html, forms: readForms(html) }
  }

  async function send(url: string, init: RequestInit): Promise<Response> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { accept: 'text/html', ...(cookie === '' ? {} : { cookie }), ...(init.headers as Record<string, string>) }
    const response = await fetch(url, { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) keepCookie(line)
    return response
  }

  function keepCookie(line: string): void {
    const [pair = '', ...attributes] = line.split(';')
    const [name = '', ...value] = pair.split('=')
    const isOver = attributes.some((attribute) => /^\s*max-age=0\s*$/i.test(attribute) || /^\s*expires=Thu, 01 Jan 1970/i.test(attribute))
    if (isOver) cookies.delete(name.trim())
    else cookies.set(name.trim(), value.join('='))
  }

  return {
    open: (path) => request(new URL(path, origin).href, {}),
    submit: (page, form, filled = {}) =>
      request(new URL(form.action === '' ? page.url : form.action, page.url).href, {
        method: form.method.toUpperCase(),
        body: new URLSearchParams(fillIn(form.fields, filled)).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin },
      }),
  }
}

/** The form whose HTML fits; an error that shows what the page said otherwise. */
export function findForm(page: Page, pattern: RegExp): PageForm {
  const form = page.forms.find((one) => pattern.test(one.html))
  if (form === undefined) throw new Error(`no form fits ${pattern} on ${page.url} (status ${page.status}): ${textOf(page.html).slice(0, 300)}`)
  return form
}

/** What a person reads; of a whole page, what stands beside its navigation. */
export function textOf(html: string): string {
  const main = /<main\b[^>]*>([\s\S]*)<\/main>/i.exec(html)?.[1] ?? html
  const body = main.replace(/<(style|script|head)[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' ')
  return decodeEntities(body).replace(/\s+/g, ' ').trim()
}

function readForms(html: string): readonly PageForm[] {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(([whole, attributes = '', inside = '']) => ({
    action: attributeOf(attributes, 'action') ?? '',
    method: attributeOf(attributes, 'method') ?? 'get',
    fields: readFields(inside),
    buttons: readButtons(inside),
    html: whole,
  }))
}

function fillIn(fields: readonly FormField[], filled: Filled): [string, string][] {
  const kept = fields.filter(([name]) => !Object.hasOwn(filled, name)).map(([name, value]): [string, string] => [name, value])
  const changed = Object.entries(filled).flatMap(([name, values]) =>
    (typeof values === 'string' ? [values] : values).map((value): [string, string] => [name, value]),
  )
  return [...kept, ...changed]
}

/** The first value of a field. */
export function firstValueOf(form: PageForm, name: string): string | undefined {
  return form.fields.find(([field]) => field === name)?.[1]
}

function readFields(inside: string): readonly FormField[] {
  const fields: FormField[] = []
  for (const [, attributes = ''] of inside.matchAll(/<input\b([^>]*)>/gi)) {
    const name = attributeOf(attributes, 'name')
    const type = attributeOf(attributes, 'type')?.toLowerCase() ?? 'text'
    const isLeftOut = type === 'submit' || (['checkbox', 'radio'].includes(type) && !/\schecked\b/i.test(attributes))
    if (name !== undefined && !isLeftOut) fields.push([name, attributeOf(attributes, 'value') ?? ''])
  }
  for (const [, attributes = '', text = ''] of inside.matchAll(/<textarea\b([^>]*)>([\s\S]*?)<\/textarea>/gi)) {
    const name = attributeOf(attributes, 'name')
    // A browser drops the first line break of a textarea.
    if (name !== undefined) fields.push([name, decodeEntities(text).replace(/^\r?\n/, '')])
  }
  return fields
}

function readButtons(inside: string): PageForm['buttons'] {
  return [...inside.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button>/gi)].map(([, attributes = '', text = '']) => ({
    name: attributeOf(attributes, 'name') ?? '',
    value: attributeOf(attributes, 'value') ?? '',
    text: textOf(text),
  }))
}

function attributeOf(attributes: string, name: string): string | undefined {
  const found = attributes.match(new RegExp(`(?:^|\\s)${name}=(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, 'i'))
  return found ? decodeEntities(found[1] ?? found[2] ?? found[3] ?? '') : undefined
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' }

function decodeEntities(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|([a-z]+));/gi, (whole, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
    if (decimal !== undefined) return String.fromCodePoint(Number.parseInt(decimal, 10))
    return ENTITIES[name] ?? whole
  })
}
