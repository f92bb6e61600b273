// TR11: a path in a route means what it says, or the configuration is refused with the path that is probably meant.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../../../sidecar/config/parse-config.ts'
import { parsePathTemplate } from '../../../../sidecar/resources/path-template.ts'
import { createRouteTable, type RouteConfig } from '../../../../sidecar/resources/route-table.ts'
import { suggestPathTemplate } from '../../../../sidecar/resources/suggest-path.ts'

const BASE = {
  listen: { host: '127.0.0.1', port: 0 },
  admin: { host: '127.0.0.1', port: 0 },
  public_origin: 'http://127.0.0.1:9090',
  upstream: 'http://127.0.0.1:8080',
  authz_server: { issuer: 'https://auth.example.test', client_id: 'sidecar-1', key_file: 'k' },
  data_directory: 'd',
}
const route = (path: string, more: Partial<RouteConfig> = {}): RouteConfig => ({ method: 'GET', path, resource: 'thing', scope: 'read', ...more })

function faultsOf(...routes: readonly object[]): string {
  const config = parseConfig(JSON.stringify({ ...BASE, routes }))
  return config.ok ? '' : config.error.map(({ option, message, remedy }) => `${option}: ${message}. ${remedy}`).join('\n')
}

function found(routes: readonly RouteConfig[], path: string, query = ''): string {
  const match = createRouteTable(routes).find('GET', path, query)
  return match.ok ? `${match.value.route.path} ${match.value.resourceKey}` : match.error.reason
}

describe('TR11: a pattern of another router is refused, with the path that is meant', () => {
  test.each([
    // nginx, Apache, Caddy, Traefik, glob
    ['/red/*', '/red/{path+}'],
    ['/files/**', '/files/{path+}'],
    ['/files/*/meta', '/files/{id}/meta'],
    ['/files*', '/files/{path+}'],
    ['/files/*.json', '/files/{id}'],
    ['/*', '/{path+}'],
    ['*', '/{path+}'],
    ['~ ^/files/', '/files/{path+}'],
    ['/files/...', '/files/{path+}'],
    // Express, Rails, Vue, Koa
    ['/things/:id', '/things/{id}'],
    ['/things/:id/notes', '/things/{id}/notes'],
    ['/things/:id?', '/things/{id}'],
    ['/things/:id(\\d+)', '/things/{id}'],
    ['/files/:path*', '/files/{path+}'],
    ['/files/:path+', '/files/{path+}'],
    ['/files/:path(.*)', '/files/{path+}'],
    ['/files/*path', '/files/{path+}'],
    ['/things/:id.:format', '/things/{id}'],
    // OpenAPI, ASP.NET, Spring, Go, axum, FastAPI, RFC 6570
    ['/things/{id?}', '/things/{id}'],
    ['/things/{id:\\d+}', '/things/{id}'],
    ['/things/{id:[0-9]{3}}', '/things/{id}'],
    ['/things/{id:int}', '/things/{id}'],
    ['/things/{itemId}', '/things/{item_id}'],
    ['/things/{ID}', '/things/{id}'],
    ['/things/{item-id}', '/things/{item_id}'],
    ['/things/{ id }', '/things/{id}'],
    ['/things/{}', '/things/{id}'],
    ['/files/{*path}', '/files/{path+}'],
    ['/files/{**path}', '/files/{path+}'],
    ['/files/{path*}', '/files/{path+}'],
    ['/files/{path...}', '/files/{path+}'],
    ['/files/{path:.*}', '/files/{path+}'],
    ['/files/{path:path}', '/files/{path+}'],
    ['/files/{path=**}', '/files/{path+}'],
    ['/files/{+path}', '/files/{path+}'],
    ['/files{/path*}', '/files/{path+}'],
    // Flask, Next.js, SvelteKit, Remix, shells, printf, MQTT
    ['/things/<id>', '/things/{id}'],
    ['/things/<int:id>', '/things/{id}'],
    ['/files/<path:rest>', '/files/{rest+}'],
    ['/things/[id]', '/things/{id}'],
    ['/files/[...path]', '/files/{path+}'],
    ['/files/[[...path]]', '/files/{path+}'],
    ['/things/\u0024{id}', '/things/{id}'],
    ['/things/#{id}', '/things/{id}'],
    ['/things/{{id}}', '/things/{id}'],
    ['/things/%s', '/things/{id}'],
    ['/things/+/state', '/things/{id}/state'],
    // regular expressions
    ['^/files/.*$', '/files/{path+}'],
    ['/files/(.*)', '/files/{path+}'],
    ['/files(/.*)?', '/files/{path+}'],
    ['/things/[0-9]+', '/things/{id}'],
    ['/things/\\d+', '/things/{id}'],
    ['/things/[^/]+', '/things/{id}'],
    ['/things/(?<id>[^/]+)', '/things/{id}'],
    ['/things/(?P<id>\\d+)/notes', '/things/{id}/notes'],
    ['/things/(a|b)', '/things/{id}'],
    // the same, with escapes
    ['/things/%7Bid%7D', '/things/{id}'],
    ['/things/%3Aid', '/things/{id}'],
    ['/files/%2A%2A', '/files/{path+}'],
    // names that are not alone in a segment, or not at the end
    ['/things/{id}.json', '/things/{id}'],
    ['/things/guitar-{id}', '/things/{id}'],
    ['/files/{path+}/meta', '/files/{path+}'],
    ['/files/{path+}?', '/files/{path+}'],
    ['/a/{id}/{id}', '/a/{id}/{id_2}'],
    // not patterns of a path at all
    ['/things?', '/things'],
    ['/x?y', '/x'],
    ['/{**}', '/{path+}'],
    ['/files/{*}', '/files/{path+}'],
    ['/files/{path:**}', '/files/{path+}'],
    ['/things/\u0024id', '/things/{id}'],
    ['/things/\u0024thingId/notes', '/things/{thing_id}/notes'],
    ['/a/*/b/*', '/a/{id}/b/{path+}'],
    ['/things?cmd=lock', '/things'],
    ['files/{id}', '/files/{id}'],
    // not canonical
    ['/caf%c3%a9/{id}', '/caf%C3%A9/{id}'],
    ['/café/{id}', '/caf%C3%A9/{id}'],
    ['/%67uitars/{id}', '/guitars/{id}'],
    ['/my files/{id}', '/my%20files/{id}'],
  ])('TR11: %s -> %s', (pattern, meant) => {
    const faults = faultsOf(route(pattern))
    expect(faults).toContain(`routes.0.path: ${JSON.stringify(pattern).replaceAll('\\\\', '\\')} is not a path template`)
    expect(faults).toContain(`Did you mean "${meant}"?`)
  })

  test.each([
    '/things/(b',
    '/things/b)',
    '/things/a^',
    '/things/x$',
    '/things/:',
    '/things/$1',
    '/a//b',
    '/a/../b',
    '/a/%2e%2e/b',
    '/%zz',
    '/a b',
    '/ü',
    '/＊',
  ])('TR11: %s is refused', (pattern) => expect(faultsOf(route(pattern))).toContain('is not a path template'))

  test.each([
    '/things:play',
    '/$metadata',
    '/x/$value',
    '/Products(1)',
    "/Fn(a=1,b='x')",
    '/a.b-c_d~e',
    '/@user',
    '/c++',
    '/a;b=c',
    '/~user',
    '/%C3%A9',
    '/a%20b',
    '/',
  ])('TR11: %s is ordinary text', (path) => expect(faultsOf(route(path))).toBe(''))

  test('TR11: a suggestion is always accepted, and a path that is accepted is never turned into another', () => {
    const piece = fc.oneof(
      fc.constantFrom('{', '}', '*', ':', 'id', '+', '.', '<', '>', '[', ']', '(', ')', '?', '\\d', '$', '/', 'files', '%2A', '-'),
      fc.string({ maxLength: 3 }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const pattern = `/${pieces.join('')}`
        const suggestion = suggestPathTemplate(pattern)
        if (suggestion !== undefined) expect(parsePathTemplate(suggestion)).toBeDefined()
        const segments = parsePathTemplate(pattern)
        const literals = segments?.flatMap((segment) => ('literal' in segment ? [segment.literal] : [])) ?? []
        expect(literals.filter((text) => /[*{}<>[\]?]|^:/.test(decodeURIComponent(text)))).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    [':id', 'Did you mean "{id}"?'],
    ['guitar-:id', 'Did you mean "{id}"?'],
    ['<id>', 'Did you mean "{id}"?'],
    ['[id]', 'Did you mean "{id}"?'],
    ['$id', 'Did you mean "{id}"?'],
    ['{Id}', 'braces'],
    ['guitar-\u0024{id}', 'sign before a brace'],
    ['#{id}', 'sign before a brace'],
    ['{id+}', 'braces'],
    ['{ id }', 'braces'],
    ['{{id}}', 'braces'],
    ['*', 'asterisk'],
    ['{di}', 'Names of this route: id'],
  ])('TR11: the key %s is refused, since it would not hold the name', (resource, message) => {
    const faults = faultsOf(route('/things/{id}', { resource }))
    expect(faults).toContain('routes.0.resource: ')
    expect(faults).toContain(message)
  })
})

describe('TR11: prefix routes', () => {
  const files = [route('/files/{path+}', { resource: 'file:{path}' })]
  test.each([
    ['/files/a', '/files/{path+} file:a'],
    ['/files/a/b/c.txt', '/files/{path+} file:a/b/c.txt'],
    ['/files/a/', '/files/{path+} file:a/'],
    ['/files/a%20b/%C3%A9', '/files/{path+} file:a b/é'],
    ['/files/', 'unknown_route'],
    ['/files', 'unknown_route'],
    ['/filesystem/a', 'unknown_route'],
    ['/other/files/a', 'unknown_route'],
  ])('TR11: GET %s -> %s', (path, expected) => expect(found(files, path)).toBe(expected))

  const mixed = [
    route('/{all+}', { resource: 'all' }),
    route('/files/{path+}', { resource: 'files' }),
    route('/files/{id}', { resource: 'file-{id}' }),
    route('/files/{id}/meta', { resource: 'meta-{id}' }),
    route('/files/secret', { resource: 'secret' }),
    route('/files/', { resource: 'list' }),
  ]
  test.each([
    ['/x', '/{all+} all'],
    ['/files', '/{all+} all'],
    ['/files/', '/files/ list'],
    ['/files/a', '/files/{id} file-a'],
    ['/files/secret', '/files/secret secret'],
    ['/files/secret/', '/files/{path+} files'],
    ['/files/Secret', '/files/{id} file-Secret'],
    ['/files/a/meta', '/files/{id}/meta meta-a'],
    ['/files/secret/meta', '/files/{id}/meta meta-secret'],
    ['/files/a/meta/', '/files/{path+} files'],
    ['/files/a/other', '/files/{path+} files'],
  ])('TR11: the most specific route of GET %s is %s, in whatever order they are listed', (path, expected) => {
    expect(faultsOf(...mixed)).toBe('')
    expect(found(mixed, path)).toBe(expected)
    expect(found([...mixed].reverse(), path)).toBe(expected)
  })

  test.each([
    ['/a/{x}/c', '/a/b/{y}'],
    ['/a/{rest+}', '/{x}/b'],
    ['/a/b/{rest+}', '/a/{x}/c'],
    ['/{x}/b/{rest+}', '/a/{rest+}'],
    ['/a/{x}', '/a/{y}'],
    ['/a/{x+}', '/a/{y+}'],
    ['/a/{x}/', '/{y}/b/'],
  ])('TR11: %s and %s match the same requests, and neither is narrower', (one, other) => {
    const faults = faultsOf(route(one), route('/unrelated'), route(other))
    expect(faults).toContain('two routes match the same requests')
    expect(faults).toContain(`"GET ${one}" (routes.0)`)
    expect(faults).toContain(`"GET ${other}"`)
    expect(faultsOf(route(one), route(other, { method: 'PUT' }))).toBe('')
  })

  test('TR11: of all routes that match, the one that is found is the narrowest, and its key holds what the path says', () => {
    const segment = fc.constantFrom('a', 'b', '{x}', '{y}')
    const path = fc
      .tuple(fc.uniqueArray(segment, { maxLength: 3 }), fc.constantFrom('', '/{rest+}', '/'))
      .map(([segments, end]) => `${segments.map((text) => `/${text}`).join('')}${end}` || '/')
    const request = fc
      .array(fc.constantFrom('a', 'b', 'c'), { maxLength: 4 })
      .chain((texts) => fc.constantFrom(`/${texts.join('/')}`, `/${texts.join('/')}/`.replace('//', '/')))
    fc.assert(
      fc.property(fc.uniqueArray(path, { minLength: 1, maxLength: 5 }), fc.array(request, { minLength: 1, maxLength: 6 }), (paths, requests) => {
        const routes = paths.map((text) => route(text))
        fc.pre(faultsOf(...routes) === '')
        for (const target of requests) {
          const matching = paths.filter((text) => naivelyMatches(text, target))
          const answer = found(routes, target).split(' ')[0] ?? ''
          if (matching.length === 0) expect(answer).toBe('unknown_route')
          else {
            expect(matching).toContain(answer)
            // Every request that the winner matches is matched by the others too, or they would have been refused as a conflict.
            for (const other of matching) for (const probe of requests) if (naivelyMatches(answer, probe)) expect(naivelyMatches(other, probe)).toBe(true)
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  test('TR11: ten thousand routes are checked and found without a comparison of each with each', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => [route(`/v1/t${index}/{id}`), route(`/v1/t${index}/{path+}`)]).flat()
    expect(faultsOf(...many)).toBe('')
    expect(found(many, '/v1/t4999/a/b')).toBe('/v1/t4999/{path+} thing')
  })
})

/** A regular expression from a template, which the product never makes. */
function naivelyMatches(template: string, path: string): boolean {
  const pattern = template.replace(/\{[a-z]+\+\}/, '.+').replace(/\{[a-z]+\}/g, '[^/]+')
  return new RegExp(`^${pattern}$`).test(path)
}
