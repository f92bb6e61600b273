import { BlockList, isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addressPrefix, ipNetworkEdges, isInIpNetwork, isLoopbackAddress, parseIpAddress, parseIpNetwork } from '../../../protocol/address.ts'
import { err, ok } from '../../../protocol/result.ts'

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:192.0.2.1', '192.0.2.1'],
  ['::ffff:c000:201', '192.0.2.1'],
  ['0:0:0:0:0:ffff:c000:0201', '192.0.2.1'],
  ['::ffff:192.0.2.1%eth0', '192.0.2.1'],
  ['2001:DB8:0:0::7', '2001:db8::7'],
  ['2001:0db8:0000:0000:0000:0000:0000:0007', '2001:db8::7'],
  ['fe80::1%eth0', 'fe80::1'],
  ['fe80::1%25eth0', 'fe80::1'],
  ['::1', '::1'],
  ['::', '::'],
  ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
])('TR13: %s has the one form %s', (text, canonical) => {
  expect(parseIpAddress(text)).toBe(canonical)
})

test.each([
  '',
  ' 192.0.2.1',
  '192.0.2.1 ',
  '192.0.2',
  '192.0.2.1.1',
  '192.0.2.256',
  '0192.0.2.1',
  '0x7f.0.0.1',
  '127.1',
  '2130706433',
  '192.0.2.1:80',
  '192.0.2.1%eth0',
  '[::1]',
  '::1/128',
  ':::',
  '1::2::3',
  '12345::',
  'g::1',
  '::ffff:192.0.2.256',
  '::ffff:0192.0.2.1',
  '::ffff:0x7f.1',
  'localhost',
  `${'0:'.repeat(60)}1`,
  'unknown',
  '_hidden',
])('TR13: %j is not an address', (text) => {
  expect(parseIpAddress(text)).toBeUndefined()
})

test.each([
  ['192.0.2.7', ok('192.0.2.7/32')],
  ['192.0.2.0/24', ok('192.0.2.0/24')],
  ['0.0.0.0/0', ok('0.0.0.0/0')],
  ['2001:db8::/32', ok('2001:db8:0:0:0:0:0:0/32')],
  ['fe80::/10', ok('fe80:0:0:0:0:0:0:0/10')],
  ['::/0', ok('0:0:0:0:0:0:0:0/0')],
  ['192.0.2.7/24', err('"192.0.2.7/24" has address bits after the first 24; the network is 192.0.2.0/24.')],
  ['192.0.2.0/33', err('The part after "/" of "192.0.2.0/33" must be a number from 0 to 32.')],
  ['192.0.2.0/024', err('The part after "/" of "192.0.2.0/024" must be a number from 0 to 32.')],
  ['2001:db8::/129', err('The part after "/" of "2001:db8::/129" must be a number from 0 to 128.')],
  ['::ffff:192.0.2.0/120', err('"::ffff:192.0.2.0/120" contains an IPv4 address in IPv6 notation; write the IPv4 network, 192.0.2.0/24.')],
  ['::ffff:c000:201', err('"::ffff:c000:201" contains an IPv4 address in IPv6 notation; write the IPv4 address, 192.0.2.1.')],
  ['fe80::1%eth0', err('"fe80::1%eth0" is not a network such as 192.0.2.0/24 or 2001:db8::/32.')],
  ['192.0.2.0/24/8', err('"192.0.2.0/24/8" is not a network such as 192.0.2.0/24 or 2001:db8::/32.')],
  ['10/8', err('"10/8" is not a network such as 192.0.2.0/24 or 2001:db8::/32.')],
])('TR13: the network %s is read, or refused with the form that is meant', (text, expected) => {
  expect(parseIpNetwork(text)).toEqual(expected)
})

test.each([
  ['fe80::1%eth0', 'fe80::/10', true],
  ['::ffff:c000:201', '192.0.2.0/24', true],
  ['::ffff:192.0.2.1', '192.0.2.0/24', true],
  ['192.0.2.1', '::/0', false],
  ['::1', '0.0.0.0/0', false],
  ['not an address', '0.0.0.0/0', false],
])('TR13: %s in %s is %s', (address, network, expected) => {
  expect(isInIpNetwork(address, network)).toBe(expected)
})

test.each([
  ['192.0.2.0/24', ['192.0.2.0', '192.0.3.0']],
  ['192.0.2.7/32', ['192.0.2.7', '192.0.2.8']],
  ['10.255.0.0/16', ['10.255.0.0', '11.0.0.0']],
  ['255.255.255.0/24', ['255.255.255.0']],
  ['0.0.0.0/0', ['0.0.0.0']],
  ['2001:db8::/33', ['2001:db8::', '2001:db8:8000::']],
])('the answer about %s may change at %j', (network, edges) => {
  expect(ipNetworkEdges(network)).toEqual(edges)
})

test.each([
  ['192.0.2.7', 64, '192.0.2.7'],
  ['::ffff:192.0.2.7', 64, '192.0.2.7'],
  ['2001:db8:1:2:3::4', 64, '2001:db8:1:2::/64'],
  ['2001:db8:1:2ff:3::4', 56, '2001:db8:1:200::/56'],
  ['2001:db8:1:2:3::4', 48, '2001:db8:1::/48'],
  ['', 64, 'unknown'],
] as const)('TR13: limits count %s by /%i as %s', (address, bits, key) => {
  expect(addressPrefix(address, bits)).toBe(key)
})

test.each([
  ['127.0.0.1', true],
  ['127.200.0.1', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['192.0.2.1', false],
  ['', false],
])('%s is loopback: %s', (address, expected) => {
  expect(isLoopbackAddress(address)).toBe(expected)
})

describe('TR13: for any address', () => {
  const addresses = fc.oneof(fc.ipV4(), fc.ipV6())

  test('the canonical form is read back as itself', () => {
    fc.assert(
      fc.property(addresses, (text) => {
        const once = parseIpAddress(text)
        expect(once).toBeDefined()
        expect(parseIpAddress(once)).toBe(once)
      }),
    )
  })

  test('membership agrees with the block list of Node', () => {
    fc.assert(
      fc.property(addresses, addresses, fc.nat(128), (text, other, length) => {
        const base = parseIpAddress(text) ?? ''
        const address = parseIpAddress(other) ?? ''
        const family = isIP(base) === 4 ? 'ipv4' : 'ipv6'
        const prefix = family === 'ipv4' ? length % 33 : length
        const list = new BlockList()
        list.addSubnet(base, prefix, family)
        const expected = isIP(base) === isIP(address) && list.check(address, family)
        expect(isInIpNetwork(address, `${base}/${prefix}`)).toBe(expected)
      }),
    )
  })
})
