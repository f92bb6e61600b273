// TR69: routes require, forbid and bind query members; a query that two servers could read differently is refused where a route has conditions on it.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../../../sidecar/config/parse-config.ts'
import { createRouteTable, type RouteConfig } from '../../../../sidecar/resources/route-table.ts'

const BASE = {
  listen: { host: '127.0.0.1', port: 0 },
  admin: { host: '127.0.0.1', port: 0 },
  public_origin: 'http://127.0.0.1:9090',
  upstream: 'http://127.0.0.1:8080',
  authz_server: { issuer: 'https://auth.example.test', client_id: 'sidecar-1', key_file: 'k' },
  data_directory: 'd',
}
const route = (query: RouteConfig['query'], more: Partial<RouteConfig> = {}): RouteConfig => ({
  method: 'POST',
  path: '/things/{id}/control',
  resource: '{id}',
  scope: 'control',
  ...(query === undefined ? {} : { query }),
  ...more,
})

function faultsOf(...routes: readonly object[]): string {
  const config = parseConfig(JSON.stringify({ ...BASE, routes }))
  return config.ok ? '' : config.error.map(({ option, message, remedy }) => `${option}: ${message}. ${remedy}`).join('\n')
}

/** The scope and the key, or the reason. */
function find(routes: readonly RouteConfig[], query: string, path = '/things/door/control'): string {
  expect(faultsOf(...routes)).toBe('')
  const match = createRouteTable(routes).find('POST', path, query)
  return match.ok ? `${match.value.route.scope} ${match.value.resourceKey}` : match.error.reason
}

describe('TR69: the query decides which ability a request needs', () => {
  const lock = route({ cmd: { one_of: ['lock', 'close'] } }, { scope: 'lock' })
  const unlock = route({ cmd: { one_of: ['unlock'] }, reason: { require: true } }, { scope: 'unlock' })
  const status = route({ cmd: { forbid: true } }, { scope: 'read' })
  const routes = [lock, unlock, status]
  test.each([
    ['?cmd=lock', 'lock door'],
    ['?cmd=close', 'lock door'],
    ['?x=1&cmd=lock&y=2&y=3', 'lock door'],
    ['?cmd=unlock&reason=fire', 'unlock door'],
    ['?reason=fire&cmd=unlock', 'unlock door'],
    ['?%63m%64=l%6Fck', 'lock door'],
    ['', 'read door'],
    ['?', 'read door'],
    ['?x=1', 'read door'],
    ['?x=%2F&x=a+b', 'read door'],
    ['?cmd=unlock', 'query_not_allowed'],
    ['?cmd=unlock&reason=', 'query_not_allowed'],
    ['?cmd=unlock&reason', 'query_not_allowed'],
    ['?cmd=explode', 'query_not_allowed'],
    ['?cmd=LOCK', 'query_not_allowed'],
    ['?cmd=', 'query_not_allowed'],
    ['?cmd', 'query_not_allowed'],
  ])('TR69: %j -> %s', (query, expected) => expect(find(routes, query)).toBe(expected))

  test.each([
    '?cmd=lock&cmd=unlock',
    '?cmd=lock&cmd=lock',
    '?cmd=lock&%63md=unlock',
    '?cmd=lock&cmd',
    '?cmd[]=unlock',
    '?cmd%5B%5D=unlock',
    '?cmd[0]=unlock&reason=x',
    '?cmd[a]=unlock',
    '?cmd.x=unlock',
    '?CMD=unlock',
    '?cmd=lock&Cmd=unlock',
    '?cmd=lock&%EF%BD%83md=unlock',
    '?cmd%20=unlock',
    '?%20cmd=unlock',
    '?+cmd=unlock',
    '?cmd+=unlock',
    '?cmd%00=unlock',
    '?cmd%00x=unlock',
    '?%2563md=unlock',
    '?x=1;cmd=unlock',
    '?cmd=lock;cmd=unlock',
    '?cmd=lock+',
    '?cmd=lock%00',
    '?cmd=lock%0a',
    '?cmd=lock%20',
    '?cmd=%2561',
    '?cmd=%zz',
    '?cmd=%e9',
    '?x=%zz',
    '?x=%c0%af',
    '?=unlock',
    '?&cmd=lock',
    '?cmd=lock&',
    '?cmd=lock&&x=1',
    '?x&=1',
    '?cmd=lock&=',
  ])('TR69: %s can be read in two ways', (query) => expect(find(routes, query)).toBe('query_ambiguous'))

  test.each([
    [route({ debug: { forbid: true } }), '?debug', 'query_not_allowed'],
    [route({ debug: { forbid: true } }), '?debug=0', 'query_not_allowed'],
    [route({ debug: { forbid: true } }), '?Debug=1', 'query_ambiguous'],
    [route({ debug: { forbid: true } }), '?debug[]=1', 'query_ambiguous'],
    [route({ debug: { forbid: true } }), '?debugger=1', 'control door'],
    [route({ at: { require: true } }), '?at=now', 'control door'],
    [route({ at: { require: true } }), '', 'query_not_allowed'],
    [route({ speed: { one_of: ['1', '2'], optional: true } }), '', 'control door'],
    [route({ speed: { one_of: ['1', '2'], optional: true } }), '?speed=2', 'control door'],
    [route({ speed: { one_of: ['1', '2'], optional: true } }), '?speed=3', 'query_not_allowed'],
    [route({ at: { require: true }, note: { optional: true } }, { other_query: 'forbid' }), '?at=now&note=', 'control door'],
    [route({ at: { require: true }, note: { optional: true } }, { other_query: 'forbid' }), '?at=now&x=1', 'query_not_allowed'],
    [route(undefined, { other_query: 'forbid' }), '', 'control door'],
    [route(undefined, { other_query: 'forbid' }), '?', 'control door'],
    [route(undefined, { other_query: 'forbid' }), '?x', 'query_not_allowed'],
    [route({ filter_by: { require: true } }), '?filter.by=x', 'query_ambiguous'],
    [route({ 'a[b]': { one_of: ['1'] } }), '?a[b]=1', 'control door'],
    [route({ 'a[b]': { one_of: ['1'] } }), '?a%5Bb%5D=1', 'control door'],
    [route({ 'a[b]': { one_of: ['1'] } }), '?a=1', 'query_ambiguous'],
    [route({ d: { one_of: ['a b', 'c+d', 'e;f&g'] } }), '?d=a%20b', 'control door'],
    [route({ d: { one_of: ['a b', 'c+d', 'e;f&g'] } }), '?d=c%2Bd', 'control door'],
    [route({ d: { one_of: ['a b', 'c+d', 'e;f&g'] } }), '?d=e%3Bf%26g', 'control door'],
    [route({ d: { one_of: ['a b', 'c+d', 'e;f&g'] } }), '?d=a+b', 'query_ambiguous'],
  ] as const)('TR69: a single route %j: %j -> %s', (config, query, expected) => expect(find([config as RouteConfig], query)).toBe(expected))

  test('TR69: a route without conditions does not judge the query', () => {
    expect(find([route(undefined)], '?a=1&a=2;b=%zz&=')).toBe('control door')
  })
})

describe('TR69: a member gives the resource', () => {
  const bound = route({ device: { bind: 'device' } }, { path: '/control', resource: 'device-{device}' })
  test.each([
    ['?device=door', 'control device-door'],
    ['?device=%64oor', 'control device-door'],
    ['?device=caf%C3%A9', 'control device-café'],
    ['?device=a/b', 'control device-a%2Fb'],
    ['?device=a%2fb', 'control device-a%2Fb'],
    ['', 'query_not_allowed'],
    ['?device=', 'query_not_allowed'],
    ['?device=a&device=b', 'query_ambiguous'],
    ['?device=a%252Fb', 'query_ambiguous'],
    ['?device=a%5Cb', 'query_ambiguous'],
    ['?device=a+b', 'query_ambiguous'],
    ['?device=door%20', 'query_ambiguous'],
  ])('TR69: %j -> %s', (query, expected) => expect(find([bound], query, '/control')).toBe(expected))

  test.each([
    ['?id=door', 'control door'],
    ['?id=window', 'query_not_allowed'],
    ['', 'query_not_allowed'],
  ])('TR69: a member that binds a name of the path has to equal it: %j -> %s', (query, expected) => {
    expect(find([route({ id: { bind: 'id' } })], query)).toBe(expected)
  })
  test.each([
    ['', 'control door'],
    ['?id=door', 'control door'],
    ['?id=window', 'query_not_allowed'],
  ])('TR69: and may be left out where it is optional: %j -> %s', (query, expected) => {
    expect(find([route({ id: { bind: 'id', optional: true } })], query)).toBe(expected)
  })
})

describe('TR69: configurations that would leave it open which route is meant are refused', () => {
  test.each([
    ['no condition, and one', route(undefined), route({ cmd: { one_of: ['lock'] } })],
    ['a common value', route({ cmd: { one_of: ['lock', 'open'] } }), route({ cmd: { one_of: ['open'] } })],
    ['different members', route({ lock: { require: true } }), route({ unlock: { require: true } })],
    ['require, and a value', route({ cmd: { require: true } }), route({ cmd: { one_of: ['lock'] } })],
    ['both optional', route({ cmd: { one_of: ['a'], optional: true } }), route({ cmd: { one_of: ['b'], optional: true } })],
    ['forbid, and optional', route({ cmd: { forbid: true } }), route({ cmd: { one_of: ['b'], optional: true } })],
    [
      'the same, with another name in the path',
      route({ cmd: { one_of: ['a'] } }),
      route({ cmd: { one_of: ['a'] } }, { path: '/things/{thing}/control', resource: '{thing}' }),
    ],
  ])('TR69: %s', (_, one, other) => {
    expect(faultsOf(one, other)).toMatch(/routes\.1\.path: two routes match the same requests.*\(routes\.0\).*Remove one of them, or give each a `query`/)
    expect(() => createRouteTable([one, other])).toThrow('two routes match the same requests')
  })
  test.each([
    ['disjoint values', route({ cmd: { one_of: ['a'] } }), route({ cmd: { one_of: ['b'] } })],
    ['one of them optional', route({ cmd: { one_of: ['a'] } }), route({ cmd: { one_of: ['b'], optional: true } })],
    ['forbid, and require', route({ cmd: { forbid: true } }), route({ cmd: { require: true } })],
    ['nothing else allowed', route({ a: { require: true } }, { other_query: 'forbid' }), route({ b: { require: true } })],
  ])('TR69: accepted: %s', (_, one, other) => expect(faultsOf(one, other)).toBe(''))

  test.each([
    [{ cmd: {} }, /query\.cmd: .*must NOT have fewer than 1/],
    [{ cmd: { one_of: [1, 2] } }, /query\.cmd\.one_of\.0: 1 must be string\. A string; quote numbers/],
    [{ cmd: { one_off: ['a'] } }, /unknown option "one_off"\. Did you mean "one_of"\?/],
    [{ cmd: 'lock' }, /query\.cmd: "lock" must be object\. One of \{ require: true \}/],
    [{ cmd: { require: true, forbid: true } }, /query\.cmd: `forbid` cannot be combined with other conditions/],
    [{ cmd: { require: true, optional: true } }, /cannot be combined/],
    [{ cmd: { bind: 'other', optional: true } }, /\{other\} would have no value without this parameter/],
    [{ 'cmd+': { require: true } }, /cannot be the name of a query parameter/],
    [{ '': { require: true } }, /cannot be the name of a query parameter/],
    [{ cmd: { require: true }, CMD: { require: true } }, /some servers treat "cmd" and "CMD" as the same name/],
    [{ cmd: { require: true }, 'cmd[]': { optional: true } }, /as the same name/],
    [{ cmd: { one_of: ['50%'] } }, /no accepted query has the value "50%"/],
  ])('TR69: %j', (query, message) => expect(faultsOf({ ...route(undefined), query })).toMatch(message))

  test('TR69: a member cannot bind the rest of a path', () => {
    expect(faultsOf(route({ id: { bind: 'path' } }, { path: '/things/{path+}', resource: '{path}' }))).toMatch(/which a query parameter cannot bind/)
  })
  test('TR69: a key may use only names that the path or a member gives', () => {
    expect(faultsOf(route({ id: { bind: 'device' } }, { resource: '{divice}' }))).toMatch(/no query parameter binds it\. Names of this route: id, device/)
  })
  test('TR69: the name of a route shows its conditions', () => {
    const match = createRouteTable([route({ cmd: { one_of: ['a', 'b'] }, id: { bind: 'id', optional: true }, x: { forbid: true } })]).find(
      'POST',
      '/things/1/control',
      '?cmd=a',
    )
    expect(match.ok && match.value.route.name).toBe('POST /things/{id}/control?cmd=a|b&id?={id}&!x')
  })
})

test('TR69: whatever the query, a request gets an ability only if every usual reader sees the value that it stands for', () => {
  const routes = [
    route({ cmd: { one_of: ['lock'] } }, { scope: 'lock' }),
    route({ cmd: { one_of: ['unlock'] } }, { scope: 'unlock' }),
    route({ cmd: { forbid: true } }, { scope: 'read' }),
  ]
  const name = fc.constantFrom('cmd', '%63md', 'CMD', 'cmd[]', 'cmd[1]', ' cmd', 'cmd.', '+cmd', 'x', '', 'c', 'cmd%00', '%2563md')
  const value = fc.constantFrom('=lock', '=unlock', '=%6Cock', '', '=', '=lock%20', '=lock+', '=lock%00')
  const query = fc
    .array(fc.tuple(name, value, fc.constantFrom('&', ';', '&&')), { maxLength: 5 })
    .map((fields) => `?${fields.map(([key, text, separator]) => key + text + separator).join('')}`.replace(/[&;]+$/, ''))
  fc.assert(
    fc.property(query, (text) => {
      const answer = find(routes, text)
      if (answer.startsWith('query_')) return
      for (const seen of readLikeServers(text)) expect([answer, seen]).toEqual([answer, answer.startsWith('read') ? undefined : answer.split(' ')[0]])
    }),
    { numRuns: 500 },
  )
})

/** What `cmd` is for a server that takes the first, the last, any case, lists, semicolons, or decodes twice. */
function readLikeServers(query: string): readonly (string | undefined)[] {
  const plain = [...new URLSearchParams(query)]
  const loose = [...new URLSearchParams(query.replaceAll(';', '&'))].map(([key, text]) => [foldLikeAServer(key), text.trim().replaceAll('\0', '')] as const)
  const twice = [...new URLSearchParams(decodeURIComponent(query.replaceAll('%00', '')).replace(/^/, ''))]
  const first = (fields: readonly (readonly [string, string])[]) => fields.find(([key]) => key === 'cmd')?.[1]
  return [first(plain), first([...plain].reverse()), first(loose), first([...loose].reverse()), first(twice)]
}

function foldLikeAServer(key: string): string {
  return (key.trim().replaceAll('\0', '').split(/[[.]/, 1)[0] ?? '').toLowerCase()
}
