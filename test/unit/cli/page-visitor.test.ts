// The visitor that plays a person at the pages: what it reads out of HTML, and what it sends back.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createPageVisitor, findForm, textOf } from '../../../examples/dev-world/page-visitor.ts'

let server: Server | undefined
afterEach(() => {
  server?.close()
  server?.closeAllConnections()
})

interface Sent {
  readonly method: string
  readonly url: string
  readonly body: string
  readonly cookie: string | undefined
  readonly origin: string | undefined
}

async function serve(answer: (sent: Sent) => { status?: number; headers?: Record<string, string | string[]>; html?: string }) {
  const seen: Sent[] = []
  server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const sent = { method: request.method ?? '', url: request.url ?? '', body, cookie: request.headers.cookie, origin: request.headers.origin }
    seen.push(sent)
    const { status = 200, headers = {}, html = '' } = answer(sent)
    response.writeHead(status, headers).end(html)
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { visitor: createPageVisitor(origin), seen, origin }
}

const FORM = `<html><head><title>no</title></head><body><h1>Caf&eacute; &amp; &#x41;</h1>
<form method="post" action="/save"><input type="hidden" name="csrf" value="a&quot;b"><input type=text name=who value='x'>
<input type="checkbox" name="off" value="1"><input type="checkbox" name="on" value="1" checked>
<textarea name="text">
a &lt; b
</textarea><button name="answer" value="yes">Yes, <b>do</b></button><button name="answer" value="no">No</button></form></body></html>`

test('reads fields as a browser fills them in: hidden, decoded, unchecked boxes left out', async () => {
  const { visitor } = await serve(() => ({ html: FORM }))
  const form = findForm(await visitor.open('/'), /textarea/)
  expect(form.fields).toEqual([
    ['csrf', 'a"b'],
    ['who', 'x'],
    ['on', '1'],
    ['text', 'a < b\n'],
  ])
  expect(form.buttons).toEqual([
    { name: 'answer', value: 'yes', text: 'Yes, do' },
    { name: 'answer', value: 'no', text: 'No' },
  ])
})

test('sends the form with cookies and origin, and follows the redirect by GET', async () => {
  const { visitor, seen, origin } = await serve(({ method }) =>
    method === 'POST' ? { status: 303, headers: { location: '/done' } } : { html: FORM, headers: { 'set-cookie': ['s=1; HttpOnly; Path=/', 't=2'] } },
  )
  const page = await visitor.open('/')
  const after = await visitor.submit(page, findForm(page, /textarea/), { who: 'Bob & co' })
  expect(after.url).toBe(`${origin}/done`)
  expect(seen[1]).toMatchObject({ method: 'POST', url: '/save', cookie: 's=1; t=2', origin })
  expect(Object.fromEntries(new URLSearchParams(seen[1]?.body))).toEqual({ csrf: 'a"b', who: 'Bob & co', on: '1', text: 'a < b\n' })
  expect(seen[2]).toMatchObject({ method: 'GET', url: '/done', body: '' })
})

test('sends all boxes of one name that are ticked', async () => {
  const { visitor, seen } = await serve(() => ({ html: FORM }))
  const page = await visitor.open('/')
  await visitor.submit(page, findForm(page, /textarea/), { on: ['1', '2'] })
  expect(new URLSearchParams(seen[1]?.body).getAll('on')).toEqual(['1', '2'])
})

test('forgets a cookie that is taken back', async () => {
  const { visitor, seen } = await serve(({ url }) => ({ headers: { 'set-cookie': url === '/out' ? 's=; Max-Age=0' : 's=1' } }))
  for (const path of ['/', '/out', '/']) await visitor.open(path)
  expect(seen.map(({ cookie }) => cookie)).toEqual([undefined, 's=1', undefined])
})

test('does not follow a redirect to another site', async () => {
  const { visitor } = await serve(() => ({ status: 302, headers: { location: 'http://127.0.0.1:1/' } }))
  await expect(visitor.open('/')).rejects.toThrow('elsewhere')
})

test('says what the page said when it has no such form', async () => {
  const { visitor } = await serve(() => ({ html: '<p>Nothing here</p>' }))
  const page = await visitor.open('/')
  expect(() => findForm(page, /x/)).toThrow('Nothing here')
})

test('reads text as a person does', () => {
  expect(textOf('<head><style>p{}</style></head><body><p>one</p><p>two&nbsp;&#33;</p></body>')).toBe('one two !')
})
