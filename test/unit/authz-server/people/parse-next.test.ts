// C07 as a table: where a person goes after signing in.
import { expect, test } from 'vitest'
import { parseNext } from '../../../../authz-server/people/parse-next.ts'

test.each([
  ['/', '/'],
  ['/rules', '/rules'],
  ['/device?user_code=WDJB-MJHT', '/device?user_code=WDJB-MJHT'],
  ['/device/confirm?pairing=a.b-c_d', '/device/confirm?pairing=a.b-c_d'],
  ['/inbox?approved=3', '/inbox?approved=3'],
])('C07: %s is a path of ours', (next, expected) => expect(parseNext(next)).toBe(expected))

test.each([
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/%09/evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  'https:evil.example',
  'https://evil.example',
  'javascript:alert(1)',
  '/%2f%2fevil.example',
  '@evil.example',
  '/@evil.example',
  '/..//evil.example',
  '/./rules',
  '/rules/../../x',
  '/rules#x',
  '/a?next=//evil.example',
  'rules',
  '',
  `/${'a'.repeat(400)}`,
  '/rules\u0000',
  '/ru\u202eles',
])('C07: %j leads home', (next) => expect(parseNext(next)).toBe('/'))

test.each([null, undefined])('C07: %s leads home', (next) => expect(parseNext(next)).toBe('/'))
