// TR21: the header of the PROXY protocol, read strictly: whole or not at all, within its limits, whatever the bytes are.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PROXY_HEADER_MAX_BYTES, parseProxyHeader } from '../../../../system/http/proxy-protocol.ts'

const SIGNATURE = '0d0a0d0a000d0a515549540a'
const v2 = (command: string, family: string, rest: string, length = rest.length / 2) =>
  Buffer.from(`${SIGNATURE}${command}${family}${length.toString(16).padStart(4, '0')}${rest}`, 'hex')
const IPV4 = 'cb007107c00002010fa01f90' // 203.0.113.7 -> 192.0.2.1, ports 4000, 8080
const IPV6 = `20010db8${'0'.repeat(22)}0720010db8${'0'.repeat(22)}010fa01f90`
const MAPPED = `${'0'.repeat(20)}ffffcb007107${'0'.repeat(20)}ffffc00002010fa01f90`
const complete = (source: string | undefined) => expect.objectContaining({ kind: 'complete', source })

describe('TR21: version 2', () => {
  test.each([
    { title: 'TCP over IPv4', bytes: v2('21', '11', IPV4), expected: complete('203.0.113.7') },
    { title: 'TCP over IPv6', bytes: v2('21', '21', IPV6), expected: complete('2001:db8::7') },
    { title: 'IPv4 inside IPv6', bytes: v2('21', '21', MAPPED), expected: complete('203.0.113.7') },
    { title: 'extensions after the addresses', bytes: v2('21', '11', `${IPV4}0400020000ea0003aabbcc`), expected: complete('203.0.113.7') },
    { title: 'a connection of the proxy itself', bytes: v2('20', '00', ''), expected: complete(undefined) },
    { title: 'LOCAL with addresses, which do not count', bytes: v2('20', '11', IPV4), expected: complete(undefined) },
    { title: 'an unspecified family', bytes: v2('21', '00', ''), expected: complete(undefined) },
    { title: 'a Unix socket', bytes: v2('21', '31', '00'.repeat(216)), expected: complete(undefined) },
    { title: 'UDP', bytes: v2('21', '12', IPV4), expected: { kind: 'malformed' } },
    { title: 'an unknown family', bytes: v2('21', '41', IPV4), expected: { kind: 'malformed' } },
    { title: 'version 1 in a binary header', bytes: v2('11', '11', IPV4), expected: { kind: 'malformed' } },
    { title: 'an unknown command', bytes: v2('22', '11', IPV4), expected: { kind: 'malformed' } },
    { title: 'too short for its family', bytes: v2('21', '11', IPV4.slice(2)), expected: { kind: 'malformed' } },
    { title: 'IPv4 addresses as IPv6', bytes: v2('21', '21', IPV4), expected: { kind: 'malformed' } },
    { title: 'an extension that is cut', bytes: v2('21', '11', `${IPV4}04000200`), expected: { kind: 'malformed' } },
    { title: 'an extension longer than the header', bytes: v2('21', '11', `${IPV4}04ffff00`), expected: { kind: 'malformed' } },
    { title: 'longer than the limit', bytes: v2('21', '11', IPV4, PROXY_HEADER_MAX_BYTES), expected: { kind: 'malformed' } },
    { title: 'cut', bytes: v2('21', '11', IPV4).subarray(0, 20), expected: { kind: 'incomplete' } },
    { title: 'nothing', bytes: Buffer.alloc(0), expected: { kind: 'incomplete' } },
  ])('$title', ({ bytes, expected }) => {
    expect(parseProxyHeader(bytes)).toEqual(expected)
  })
})

describe('TR21: version 1', () => {
  test.each([
    ['PROXY TCP4 203.0.113.7 192.0.2.1 4000 443\r\n', complete('203.0.113.7')],
    ['PROXY TCP6 2001:db8::7 2001:db8::1 4000 443\r\n', complete('2001:db8::7')],
    ['PROXY UNKNOWN\r\n', complete(undefined)],
    ['PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n', complete(undefined)],
    ['PROXY TCP4 2001:db8::7 2001:db8::1 4000 443\r\n', { kind: 'malformed' }],
    ['PROXY TCP6 203.0.113.7 192.0.2.1 4000 443\r\n', { kind: 'malformed' }],
    ['PROXY TCP4 203.0.113.007 192.0.2.1 4000 443\r\n', { kind: 'malformed' }],
    ['PROXY TCP4 203.0.113.7 192.0.2.1 4000 65536\r\n', { kind: 'malformed' }],
    ['PROXY TCP4 203.0.113.7 192.0.2.1 04000 443\r\n', { kind: 'malformed' }],
    ['PROXY TCP4 203.0.113.7  192.0.2.1 4000 443\r\n', { kind: 'malformed' }],
    ['PROXY TCP4 203.0.113.7 192.0.2.1 4000 443 x\r\n', { kind: 'malformed' }],
    ['PROXY UDP4 203.0.113.7 192.0.2.1 4000 443\r\n', { kind: 'malformed' }],
    ['proxy TCP4 203.0.113.7 192.0.2.1 4000 443\r\n', { kind: 'malformed' }],
    ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', { kind: 'malformed' }],
    [`PROXY UNKNOWN ${'a'.repeat(200)}\r\n`, { kind: 'malformed' }],
    ['PROXY TCP4 203.0.113.7 192.0.2.1 4000 443\n', { kind: 'incomplete' }],
    ['PROXY TC', { kind: 'incomplete' }],
  ])('%j', (text, expected) => {
    expect(parseProxyHeader(Buffer.from(text, 'latin1'))).toEqual(expected)
  })
})

test('TR21: any bytes get an answer, and a longer beginning never takes a complete header back', () => {
  const headers = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.concat([Buffer.from(SIGNATURE, 'hex'), bytes])),
    fc.constantFrom(v2('21', '11', IPV4), v2('21', '21', IPV6), Buffer.from('PROXY TCP4 203.0.113.7 192.0.2.1 4000 443\r\n')),
  )
  fc.assert(
    fc.property(headers, fc.nat(), fc.uint8Array({ maxLength: 20 }), (header, cut, after) => {
      const whole = parseProxyHeader(header)
      const part = parseProxyHeader(header.subarray(0, cut % (header.length + 1)))
      if (part.kind !== 'incomplete') expect(whole).toEqual(part)
      if (whole.kind !== 'incomplete') expect(parseProxyHeader(Buffer.concat([header, after]))).toEqual(whole)
    }),
    { numRuns: 500 },
  )
})
