// TR21: the client's address is what the nearest trusted proxies say, read from the right, and nothing that a client can write changes it.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type IpNetwork, parseIpNetwork } from '../../../../protocol/address.ts'
import { isClientAddress, type ProxyTrust, readPeer } from '../../../../system/http/peer.ts'

const networks = (...texts: string[]): readonly IpNetwork[] =>
  texts.map((text) => {
    const network = parseIpNetwork(text)
    if (!network.ok) throw new Error(network.error)
    return network.value
  })
const LOOPBACK: ProxyTrust = { networks: networks('127.0.0.0/8', '::1') }
const CHAIN: ProxyTrust = { networks: networks('127.0.0.1', '10.0.0.0/8', '2001:db8:ff::/48') }
const NOBODY: ProxyTrust = { networks: [] }

const read = (headers: readonly string[], { from = '127.0.0.1', trust = LOOPBACK }: { from?: string; trust?: ProxyTrust } = {}) =>
  readPeer({ address: from as never }, headers, trust)
const xff = (...values: string[]) => values.flatMap((value) => ['X-Forwarded-For', value])
const forwarded = (...values: string[]) => values.flatMap((value) => ['Forwarded', value])
const client = (address: string) => ({ address, kind: 'client' })
const proxy = (address = '127.0.0.1') => ({ address, kind: 'proxy' })

describe('TR21: X-Forwarded-For from a trusted proxy', () => {
  test.each([
    { title: 'one address', headers: xff('203.0.113.7'), expected: client('203.0.113.7') },
    { title: 'what the client wrote stands left of what the proxy wrote', headers: xff('10.9.9.9, 203.0.113.7'), expected: client('203.0.113.7') },
    { title: 'the same in two lines', headers: xff('10.9.9.9', '203.0.113.7'), expected: client('203.0.113.7') },
    { title: 'spaces and tabs', headers: xff(' 10.9.9.9 ,\t203.0.113.7 '), expected: client('203.0.113.7') },
    { title: 'a port', headers: xff('203.0.113.7:51234'), expected: client('203.0.113.7') },
    { title: 'IPv6', headers: xff('2001:DB8:0::7'), expected: client('2001:db8::7') },
    { title: 'IPv6 in brackets', headers: xff('[2001:db8::7]'), expected: client('2001:db8::7') },
    { title: 'IPv6 in brackets with a port', headers: xff('[2001:db8::7]:443'), expected: client('2001:db8::7') },
    { title: 'IPv4 inside IPv6', headers: xff('::ffff:203.0.113.7'), expected: client('203.0.113.7') },
    { title: 'a zone', headers: xff('fe80::1%eth0'), expected: client('fe80::1') },
    { title: 'another spelling of the name', headers: ['x-FORWARDED-for', '203.0.113.7'], expected: client('203.0.113.7') },
    { title: 'a client on the proxy’s own machine', headers: xff('127.0.0.1'), expected: { address: '127.0.0.1', kind: 'loopback' } },
    { title: 'no field', headers: [], expected: proxy() },
    { title: 'an empty field', headers: xff(''), expected: proxy() },
    ...[
      'unknown',
      '_hidden',
      '203.0.113.7,',
      ',',
      ' , ',
      '203.0.113.7 10.0.0.1',
      '203.0.113',
      '0313.0.113.7',
      '0xcb.0.113.7',
      '203.0.113.256',
      '3405803783',
      '203.0.113.7:port',
      '[203.0.113.7]',
      '[2001:db8::7',
      '2001:db8::7::1',
      'example.com',
      '"203.0.113.7"',
      'for=203.0.113.7',
      '203.0.113.7/32',
      'é',
      '\u0000',
    ].map((text) => ({ title: `${JSON.stringify(text)} names nobody`, headers: xff(`198.51.100.1, ${text}`), expected: proxy() })),
  ])('$title', ({ headers, expected }) => {
    expect(read(headers)).toEqual(expected)
  })
})

describe('TR21: a chain of proxies', () => {
  test.each([
    { title: 'each trusted hop is skipped', headers: xff('203.0.113.7, 10.0.0.5, 10.0.0.6'), expected: client('203.0.113.7') },
    { title: 'nobody left of an untrusted hop is believed', headers: xff('203.0.113.7, 198.51.100.1, 10.0.0.6'), expected: client('198.51.100.1') },
    { title: 'a malformed hop stops the walk at the last proxy that was named', headers: xff('203.0.113.7, junk, 10.0.0.6'), expected: proxy('10.0.0.6') },
    { title: 'a client inside the trusted network is the farthest hop', headers: xff('10.0.0.99, 10.0.0.6'), expected: client('10.0.0.99') },
    { title: 'IPv6 hops', headers: xff('2001:db8::7, 2001:db8:ff::1'), expected: client('2001:db8::7') },
    { title: 'a chain longer than 32 is not believed', headers: xff(Array(40).fill('10.0.0.6').join(',')), expected: proxy('10.0.0.6') },
  ])('$title', ({ headers, expected }) => {
    expect(read(headers, { trust: CHAIN })).toEqual(expected)
  })
})

describe('TR21: Forwarded (RFC 7239) from a trusted proxy', () => {
  test.each([
    { title: 'for alone', headers: forwarded('for=203.0.113.7'), expected: client('203.0.113.7') },
    { title: 'quoted', headers: forwarded('for="203.0.113.7:4711"'), expected: client('203.0.113.7') },
    { title: 'IPv6', headers: forwarded('For="[2001:db8:cafe::17]:4711"'), expected: client('2001:db8:cafe::17') },
    { title: 'with other parameters', headers: forwarded('for=203.0.113.7;proto=https;by=127.0.0.1;host="a;b,c"'), expected: client('203.0.113.7') },
    { title: 'the nearest element', headers: forwarded('for=10.9.9.9, for=203.0.113.7'), expected: client('203.0.113.7') },
    { title: 'two lines', headers: forwarded('for=10.9.9.9', 'for=203.0.113.7'), expected: client('203.0.113.7') },
    { title: 'a quotation mark that the client left open', headers: forwarded('for="10.9.9.9, for=203.0.113.7'), expected: client('203.0.113.7') },
    { title: 'an escape that the client left open', headers: forwarded('for="\\", for=203.0.113.7'), expected: client('203.0.113.7') },
    { title: 'nothing about addresses', headers: forwarded('proto=https'), expected: proxy() },
    ...[
      'for=unknown',
      'for=_gazonk',
      'for=',
      'for',
      'for=[2001:db8::1]',
      'for=203.0.113.7;for=10.9.9.9',
      'for="203.0.113.7',
      'for=203.0.113.7"',
      'x y=1;for=203.0.113.7',
    ].map((text) => ({ title: `${text} names nobody`, headers: forwarded(`for=198.51.100.1, ${text}`), expected: proxy() })),
  ])('$title', ({ headers, expected }) => {
    expect(read(headers)).toEqual(expected)
  })
})

describe('TR21: who is believed, and about what', () => {
  const spoofed = [...xff('10.9.9.9'), ...forwarded('for=10.9.9.9')]
  test.each([
    { title: 'without trusted proxies nobody', headers: spoofed, trust: NOBODY, from: '203.0.113.7', expected: client('203.0.113.7') },
    {
      title: 'without trusted proxies not the loopback either',
      headers: spoofed,
      trust: NOBODY,
      from: '127.0.0.1',
      expected: { address: '127.0.0.1', kind: 'loopback' },
    },
    { title: 'not a neighbour of a trusted proxy', headers: spoofed, trust: CHAIN, from: '192.0.2.1', expected: client('192.0.2.1') },
    {
      title: 'both fields, where they agree',
      headers: [...xff('203.0.113.7'), ...forwarded('for=203.0.113.7')],
      trust: LOOPBACK,
      from: '127.0.0.1',
      expected: client('203.0.113.7'),
    },
    {
      title: 'neither, where they differ',
      headers: [...xff('203.0.113.7'), ...forwarded('for=10.9.9.9')],
      trust: LOOPBACK,
      from: '127.0.0.1',
      expected: proxy(),
    },
    {
      title: 'neither, where one is malformed',
      headers: [...xff('203.0.113.7'), ...forwarded('for=junk')],
      trust: LOOPBACK,
      from: '127.0.0.1',
      expected: proxy(),
    },
    {
      title: 'the configured field alone',
      headers: [...xff('203.0.113.7'), ...forwarded('for=10.9.9.9')],
      trust: { ...LOOPBACK, header: 'x-forwarded-for' as const },
      from: '127.0.0.1',
      expected: client('203.0.113.7'),
    },
    {
      title: 'the configured field is missing',
      headers: xff('10.9.9.9'),
      trust: { ...LOOPBACK, header: 'forwarded' as const },
      from: '127.0.0.1',
      expected: proxy(),
    },
    {
      title: 'no other field',
      headers: ['X-Real-IP', '10.9.9.9', 'X-Client-IP', '10.9.9.9', 'X_Forwarded_For', '10.9.9.9'],
      trust: LOOPBACK,
      from: '127.0.0.1',
      expected: proxy(),
    },
  ])('$title', ({ headers, trust, from, expected }) => {
    expect(read(headers, { from, trust })).toEqual(expected)
  })

  test('a proxy that says it does not know its client hides the fields of that client', () => {
    expect(readPeer({ address: '127.0.0.1' as never, isHidden: true }, spoofed, LOOPBACK)).toEqual(proxy())
  })

  test('whatever a client writes, the address that the proxy appends is the one', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 4 }), fc.boolean(), (written, inOneLine) => {
        const lines = written.map((text) => text.replace(/[\r\n]/g, ''))
        const values = inOneLine ? [[...lines, '203.0.113.7'].join(', ')] : [...lines, '203.0.113.7']
        expect(read(xff(...values))).toEqual(client('203.0.113.7'))
        expect(
          read(forwarded(...values.map((value, index) => (index === values.length - 1 ? value.replace(/203\.0\.113\.7$/, 'for=203.0.113.7') : value)))),
        ).toEqual(client('203.0.113.7'))
      }),
      { numRuns: 300 },
    )
  })
})

test.each([
  { address: '203.0.113.7', trust: NOBODY, expected: true },
  { address: '10.0.0.6', trust: CHAIN, expected: false },
  { address: '127.0.0.1', trust: NOBODY, expected: false },
  { address: '127.8.8.8', trust: NOBODY, expected: false },
  { address: '::1', trust: NOBODY, expected: false },
  { address: '::ffff:127.0.0.1', trust: NOBODY, expected: false },
  { address: '', trust: NOBODY, expected: false },
])('TR21: $address may be taken for a client’s own address: $expected', ({ address, trust, expected }) => {
  expect(isClientAddress(address, trust)).toBe(expected)
})
