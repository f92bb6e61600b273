import { expect, test } from 'vitest'
import { foreignName, html, verbatim } from '../../../../authz-server/console/html.ts'

test.each([
  ['tags', '<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
  ['quotes that would leave an attribute', '" onmouseover="x\' y', '&quot; onmouseover=&quot;x&#39; y'],
  ['ampersands', '&lt;', '&amp;lt;'],
  ['a mark that turns text around', 'a\u202eb', 'a[U+202E]b'],
  ['isolates', '\u2066a\u2069', '[U+2066]a[U+2069]'],
  ['controls', 'a\u0000\u0007\nb', 'a[U+0000][U+0007][U+000A]b'],
  ['invisible characters', 'a\u200b\ufeff\u00adb', 'a[U+200B][U+FEFF][U+00AD]b'],
  ['tag characters', 'a\u{e0041}b', 'a[U+E0041]b'],
  ['half a character', 'a\ud800b', 'a[U+D800]b'],
  ['an emoji that is joined', '\u{1f468}\u200d\u{1f3a4}', '\u{1f468}\u200d\u{1f3a4}'],
])('C01: %s stay text', (_title, value, expected) => expect(html`${value}`.toString()).toBe(expected))

test('C01: what looks like our HTML is text', () => {
  const forged = JSON.parse('{"html":"<b>x</b>"}') as never
  expect(() => html`${forged}`.toString()).toThrow()
})

test('absent values, numbers, lists and parts', () => {
  expect(html`<p>${undefined}${false}${0}${['a', html`<b>${'<'}</b>`]}</p>`.toString()).toBe('<p>0a<b>&lt;</b></p>')
})

test('a text area gets back exactly what was typed', () => {
  expect(verbatim('a\u202e\tb\n<').toString()).toBe('a\u202e\tb\n&lt;')
})

test('a name is isolated', () => {
  expect(foreignName('\u05d0<').toString()).toBe('<bdi>\u05d0&lt;</bdi>')
})
