// Owners' texts in many styles, made at random: lists and maps over lines and in brackets, CRLF, quotes, comments everywhere. Each knows where its parts stand.
import fc from 'fast-check'
import type { Written } from '../../../../policies/conditions/condition-kind.ts'

export interface Span {
  readonly start: number
  readonly end: number
  /** A comment inside the value, or between key and value. */
  readonly odd: boolean
}

export interface StyledDocument {
  readonly text: string
  readonly values: { readonly shares: readonly Readonly<Record<string, Written>>[]; readonly pause: readonly Readonly<Record<string, Written>>[] }
  /** By pointer, e.g. `/shares/0/only/days`: from the first byte of the key to behind the last of the value. */
  readonly spans: ReadonlyMap<string, Span>
}

type Style = 'lines' | 'brackets' | 'mixed'

interface Look {
  readonly style: Style
  readonly end: '\n' | '\r\n'
  readonly mark: '' | '\uFEFF'
  readonly indent: number
  /** Whether a list stands under its key with no indent of its own. */
  readonly margin: boolean
  readonly lastEnd: boolean
  /** Read round and round: 0 to 9. */
  readonly dice: readonly number[]
}

const some = (values: readonly string[], max = 3) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: max })
const quoted = ['08:00-22:00', '22:00-06:00', '09:30-24:00']

export const partValues = {
  name: fc.constantFrom('The band', 'Shop', 'a: b', '# no comment', '- x', "it's", '"q"', 'ü', 'true', '[x', 'Carol & Bob'),
  who: some(['ann@example.test', 'band', 'anyone-signed-in', 'domain:example.test', 'client:app-7', 'service:s', 'device:D-1']),
  what: some(['guitar', 'studio', 'type:amp', 'tag:x y', 'device:D-2', 'everything', 'thing:type:x', '- odd', 'a #b']),
  may: some(['play', 'read', 'everything', "it's", 'a:b', '{x}', '#x']),
  days: some(['mon', 'tue', 'sat-mon', 'mon-fri']),
  dates: fc.oneof(fc.constantFrom<Written>('fair', '2026-12-24'), some(['fair', '2026-12-24', '2026-12-24 to 2027-01-02'])),
  except: fc.oneof(fc.constant<Written>('fair'), some(['fair', '2026-12-24 to 2027-01-02'])),
  between: fc.constantFrom(...quoted),
  from: some(['192.0.2.0/24', '2001:db8::/32', '198.51.100.7']),
  place: fc.oneof(fc.constant<Written>('home'), some(['home', 'work'])),
  purpose: fc.oneof(fc.constantFrom<Written>('rehearsal', 'a, b'), some(['rehearsal', 'a: b'])),
  client: some(['app', 'app-2']),
  proof: fc.oneof(fc.constant<Written>('dpop'), some(['dpop', 'mtls'])),
  acr: fc.constantFrom<Written>('phr', ['phr', 'phrh']),
  state: fc.constantFrom<Written>('active', ['active', 'idle']),
  attributes: fc.constantFrom<Written>({ mode: 'party' }, { colour: ['red', 'blue'], battery: { at_least: 20, at_most: 80 } }, { on: true }),
  begins: fc.constantFrom('2026-01-01', '2026-11-23T10:00:00Z'),
  until: fc.constantFrom('2026-12-31', '2026-12-31T18:00:00+01:00'),
  hide: some(['location', '$.location', '$.owner.email', "$['a b'][*]"]),
  only_fields: some(['$.temperature', '$.list[*].x']),
  round: fc.constantFrom<Written>({ '$.tuning.hz': 1 }, { '$.position': '1 km', '$.at': '15 min' }),
  delay: fc.constantFrom<Written>({ by: '15 min', at: '$.samples[*].time' }),
  limit: fc.constantFrom<Written>('100 per hour', '5 uses', '10 per calendar week', ['3 per 10 min', '1 use', '1 per calendar day']),
  notify: fc.boolean(),
  ask: fc.constantFrom<Written>(true, false, 'once', 'each time'),
} as const

export type Part = keyof typeof partValues
export const PARTS = Object.keys(partValues) as readonly Part[]

const { name, who, what, may, begins, until, hide, only_fields, round, delay, limit, notify, ask, ...conditions } = partValues
const only = fc.record({ ...conditions, timezone: fc.constant('Europe/Paris') }, { requiredKeys: [] }).filter((value) => Object.keys(value).length > 0)
const shareWith = (conditions: fc.Arbitrary<object>) =>
  fc
    .record(
      { name, who, what, may, only: conditions, from: begins, until, hide, only_fields, round, delay, limit, notify, ask, order: fc.nat() },
      { requiredKeys: ['name', 'who', 'what', 'may', 'order'] },
    )
    .map(({ order, ...keys }) => rotate(keys as Record<string, Written>, order))
const stop = fc.record({ name, what, who, may, only, from: begins, until }, { requiredKeys: ['what'] }).map((keys) => keys as Record<string, Written>)

const look: fc.Arbitrary<Look> = fc.record({
  style: fc.constantFrom<Style>('lines', 'brackets', 'mixed'),
  end: fc.constantFrom('\n' as const, '\r\n' as const),
  mark: fc.constantFrom('' as const, '\uFEFF' as const),
  indent: fc.integer({ min: 1, max: 4 }),
  margin: fc.boolean(),
  lastEnd: fc.boolean(),
  dice: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 60, maxLength: 60 }),
})

function documentWith(share: ReturnType<typeof shareWith>, pause: fc.Arbitrary<Record<string, Written>[]>): fc.Arbitrary<StyledDocument> {
  return fc
    .record({ shares: fc.array(share, { minLength: 1, maxLength: 2 }), pause, look })
    .map(({ look: chosen, ...values }) => new Printer(chosen).document(values))
}

export const styledDocument = documentWith(shareWith(only), fc.array(stop, { maxLength: 1 }))

/** Few conditions and no pauses, so that requests are let through too. */
export const lenientDocument = documentWith(shareWith(fc.record({ days: conditions.days, timezone: fc.constant('Europe/Paris') })), fc.constant([]))

/** The same keys, beginning with another one. */
function rotate(keys: Record<string, Written>, by: number): Record<string, Written> {
  const all = Object.entries(keys)
  const at = by % all.length
  return Object.fromEntries([...all.slice(at), ...all.slice(0, at)])
}

class Printer {
  readonly #look: Look
  readonly #spans = new Map<string, Span>()
  #text = ''
  #turn = 0
  #notes = 0

  constructor(chosen: Look) {
    this.#look = chosen
  }

  document(values: StyledDocument['values']): StyledDocument {
    const { mark, end, lastEnd } = this.#look
    this.#text = mark
    this.#own('')
    this.#text += `version: 1${this.#note()}${end}timezone: UTC${end}people: { band: [bob@example.test] }${end}`
    this.#text += `things: { studio: ["tag:studio"] }${this.#note()}${end}places:${end}  home: [192.0.2.0/24] # h${end}  work: ["2001:db8::/32"]${end}`
    this.#text += `calendars: { fair: ["2026-10-26", "2026-12-24 to 2026-12-26"] }${this.#note()}${end}`
    this.#list('shares', values.shares)
    if (values.pause.length > 0) this.#list('pause', values.pause)
    this.#own('')
    if (!lastEnd) this.#text = this.#text.replace(/(?:\r\n|\n)$/, '')
    return { text: this.#text, values, spans: this.#spans }
  }

  #list(key: string, entries: readonly Readonly<Record<string, Written>>[]): void {
    const { style, end, margin, indent } = this.#look
    this.#own('')
    if (style === 'brackets') {
      this.#text += `${key}: [${this.#roll(3) ? this.#breakLine() : ''}`
      for (const [index, entry] of entries.entries()) {
        if (index > 0) this.#text += `,${this.#roll(5) ? this.#breakLine() : ' '}`
        this.#flowMap(entry, `/${key}/${index}`)
      }
      this.#text += `]${this.#note()}${end}`
      return
    }
    this.#text += `${key}:${this.#note()}${end}`
    const pad = ' '.repeat(margin ? 0 : indent)
    for (const [index, entry] of entries.entries()) {
      this.#own(pad)
      this.#text += `${pad}-${' '.repeat(indent)}`
      if (style === 'mixed' && this.#roll(5)) {
        this.#flowMap(entry, `/${key}/${index}`)
        this.#text += `${this.#note()}${end}`
      } else this.#blockMap(entry, `${pad} ${' '.repeat(indent)}`, `/${key}/${index}`)
    }
  }

  #blockMap(map: Readonly<Record<string, Written>>, pad: string, at: string): void {
    for (const [index, [key, value]] of Object.entries(map).entries()) {
      if (index > 0) {
        this.#own(pad)
        this.#text += pad
      }
      const start = this.#text.length
      this.#text += `${this.#key(key)}:`
      const notes = this.#notes
      const isCollection = typeof value === 'object'
      if (isCollection && this.#roll(4)) this.#blockValue(value, pad, `${at}/${key}`)
      else {
        this.#text += ' '.repeat(1 + (this.#roll(2) ? 2 : 0))
        this.#flow(value, `${at}/${key}`)
        this.#span(`${at}/${key}`, start, notes)
        this.#text += `${this.#note()}${this.#look.end}`
        continue
      }
      this.#span(`${at}/${key}`, start, notes)
      this.#text += `${this.#note()}${this.#look.end}`
    }
  }

  /** Without the line end of its last line. */
  #blockValue(value: Written, pad: string, at: string): void {
    const { end, margin, indent } = this.#look
    this.#text += `${this.#note(1)}${end}`
    const isList = Array.isArray(value)
    const inner = `${pad}${' '.repeat(isList && margin ? 0 : indent)}`
    const items = isList ? (value as readonly Written[]).map((one) => ['', one] as const) : Object.entries(value as Readonly<Record<string, Written>>)
    for (const [index, [key, one]] of items.entries()) {
      if (index > 0) {
        this.#text += `${this.#note(1)}${end}`
        if (this.#roll(1)) this.#own(inner)
      }
      this.#text += inner
      const [start, notes] = [this.#text.length, this.#notes]
      this.#text += isList ? '- ' : `${this.#key(key)}: `
      this.#flow(one, `${at}/${key}`)
      if (!isList) this.#span(`${at}/${key}`, start, notes)
    }
  }

  #flowMap(map: Readonly<Record<string, Written>>, at: string): void {
    const room = this.#roll(5) ? ' ' : ''
    this.#text += `{${room}`
    for (const [index, [key, value]] of Object.entries(map).entries()) {
      if (index > 0) this.#text += this.#roll(1) ? `,${this.#breakLine()}` : ', '
      const [start, notes] = [this.#text.length, this.#notes]
      this.#text += `${this.#key(key)}: `
      this.#flow(value, `${at}/${key}`)
      this.#span(`${at}/${key}`, start, notes)
    }
    this.#text += `${room}}`
  }

  #flow(value: Written, at: string): void {
    if (typeof value !== 'object') this.#text += this.#scalar(value)
    else if (Array.isArray(value)) {
      this.#text += '['
      for (const [index, one] of (value as readonly Written[]).entries()) {
        if (index > 0) this.#text += this.#roll(1) ? `,${this.#breakLine()}` : ', '
        this.#flow(one, `${at}/${index}`)
      }
      this.#text += ']'
    } else this.#flowMap(value as Readonly<Record<string, Written>>, at)
  }

  #scalar(value: string | number | boolean): string {
    if (typeof value !== 'string') return String(value)
    if (/^[a-z][a-z0-9@.-]*$/.test(value) && !/^(?:true|false|null)$/.test(value) && this.#roll(6)) return value
    return this.#roll(5) ? JSON.stringify(value) : `'${value.replaceAll("'", "''")}'`
  }

  #key(key: string): string {
    return /^[a-z_]+$/.test(key) && !this.#roll(1) ? key : JSON.stringify(key)
  }

  #span(at: string, start: number, notesBefore: number): void {
    this.#spans.set(at, { start, end: this.#text.length, odd: this.#notes > notesBefore })
  }

  /** Inside brackets, so deeper than any line of the text. */
  #breakLine(): string {
    return `${this.#note(2)}${this.#look.end}${' '.repeat(20)}`
  }

  /** A comment at the end of a line, sometimes. */
  #note(often = 3): string {
    if (!this.#roll(often)) return ''
    this.#notes += 1
    return `  # note ${this.#notes}: x, y`
  }

  /** Lines of their own, sometimes. */
  #own(pad: string): void {
    const { end } = this.#look
    if (this.#roll(1)) this.#text += end
    if (!this.#roll(3)) return
    this.#notes += 1
    this.#text += `${pad}#own ${this.#notes} [a: b]${end}`
  }

  /** True in so many of ten. */
  #roll(often: number): boolean {
    this.#turn += 1
    return ((this.#look.dice[this.#turn % this.#look.dice.length] ?? 0) + this.#turn * 7) % 10 < often
  }
}
