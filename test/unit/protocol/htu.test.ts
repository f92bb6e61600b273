// TR50: `htu` is compared after RFC 3986 sections 6.2.2 and 6.2.3, and never after the repairs of a browser's URL parser.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSameUri } from '../../../protocol/dpop/same-uri.ts'

const EXPECTED = 'https://api.example.com/guitars/7%2F8/a~b'

describe('TR50: the same URI', () => {
  test.each([
    ['as it is', EXPECTED],
    ['the scheme in upper case', EXPECTED.replace('https', 'HTTPS')],
    ['the host in mixed case', EXPECTED.replace('api.example.com', 'API.Example.COM')],
    ['the default port', EXPECTED.replace('.com', '.com:443')],
    ['an empty port', EXPECTED.replace('.com', '.com:')],
    ['an escape in lower case', EXPECTED.replace('%2F', '%2f')],
    ['an escaped unreserved character', EXPECTED.replace('a~b', '%61%7Eb')],
    ['an escaped unreserved character in the host', EXPECTED.replace('api', '%61pi')],
    ['a query and a fragment, which are ignored', `${EXPECTED}?a=1#b`],
  ])('TR50: %s', (_, htu) => {
    expect(isSameUri(htu, EXPECTED)).toBe(true)
  })

  test('TR50: an empty path is "/"', () => {
    expect(isSameUri('http://127.0.0.1:9400', 'http://127.0.0.1:9400/')).toBe(true)
    expect(isSameUri('http://[::1]:9400/', 'http://[::1]:9400')).toBe(true)
  })
})

describe('TR50: what a browser would repair is another URI', () => {
  test.each([
    ['a short IPv4 address', 'http://127.1/a', 'http://127.0.0.1/a'],
    ['an IPv4 address as one number', 'http://2130706433/a', 'http://127.0.0.1/a'],
    ['an IPv4 address in hexadecimal', 'http://0x7f.0.0.1/a', 'http://127.0.0.1/a'],
    ['an IPv4 address in octal', 'http://0177.0.0.1/a', 'http://127.0.0.1/a'],
    ['an IPv4 address with a final dot', 'http://127.0.0.1./a', 'http://127.0.0.1/a'],
    ['an IPv6 address in another spelling', 'http://[0:0:0:0:0:0:0:1]/a', 'http://[::1]/a'],
    ['a path with ..', 'http://h/x/../a', 'http://h/a'],
    ['a path with .', 'http://h/./a', 'http://h/a'],
    ['a path that ends with ..', 'http://h/a/b/..', 'http://h/a/'],
    ['an encoded ..', 'http://h/x/%2e%2E/a', 'http://h/a'],
    ['a half encoded ..', 'http://h/x/.%2e/a', 'http://h/a'],
    ['a tab', 'http://h/\ta', 'http://h/a'],
    ['a line feed', 'http://h/a\n', 'http://h/a'],
    ['leading space', ' http://h/a', 'http://h/a'],
    ['a space in the path', 'http://h/a b', 'http://h/a%20b'],
    ['a letter outside ASCII in the path', 'http://h/é', 'http://h/%C3%A9'],
    ['a full-width host', 'http://ｈ/a', 'http://h/a'],
    ['backslashes', 'http:\\\\h\\a', 'http://h/a'],
    ['a backslash in the path', 'http://h\\a', 'http://h/a'],
    ['one slash', 'http:/h/a', 'http://h/a'],
    ['no slashes', 'http:h/a', 'http://h/a'],
    ['three slashes', 'http:///h/a', 'http://h/a'],
    ['user information', 'http://u:p@h/a', 'http://h/a'],
    ['empty user information', 'http://@h/a', 'http://h/a'],
    ['a port with leading zeros', 'http://h:080/a', 'http://h/a'],
    ['a port with a letter', 'http://h:8x/a', 'http://h/a'],
    ['another scheme', 'https://h/a', 'http://h/a'],
    ['the default port of the other scheme', 'https://h:80/a', 'https://h/a'],
    ['a slash at the end', 'http://h/a/', 'http://h/a'],
    ['two slashes in the path', 'http://h//a', 'http://h/a'],
    ['an escaped slash', 'http://h/a%2Fb', 'http://h/a/b'],
    ['a percent sign alone', 'http://h/%', 'http://h/%'],
    ['an escape of one digit', 'http://h/%4/a', 'http://h/%4/a'],
    ['no host', 'http://:80/a', 'http://h/a'],
    ['nothing', '', 'http://h/a'],
  ])('TR50: %s', (_, htu, expected) => {
    expect(isSameUri(htu, expected)).toBe(false)
  })
})

test('TR50: for any text, equality is symmetric, and equal URIs agree on scheme, host and path', () => {
  const part = fc.stringMatching(/^[a-z0-9%./:@?#\\[\]~-]{0,20}$/)
  fc.assert(
    fc.property(part, part, (host, path) => {
      const text = `http://${host}/${path}`
      const same = isSameUri(text, 'http://h/a')
      expect(isSameUri('http://h/a', text)).toBe(same)
      if (same) expect(text).toMatch(/^http:\/\/(h|%68)(:(80)?)?\/(a|%61)([?#].*)?$/i)
    }),
    { numRuns: 500 },
  )
})
