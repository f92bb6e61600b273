// TR41 and TR57: manifests as attackers and as spreadsheets write them: read, or refused with the place and one sentence, and never the end of the process.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeManifest } from '../../../authz-server/registry/decode-manifest.ts'
import { canonicalDeviceId } from '../../../authz-server/registry/device-id.ts'
import { importDevices } from '../../../authz-server/registry/import-devices.ts'
import { parseManifest } from '../../../authz-server/registry/parse-manifest.ts'
import { fuzzCases } from '../../support/fuzz-cases.ts'
import { type AuthzWorld, generateKey, startAuthzWorld } from '../../unit/authz-server/support/authz-world.ts'

let world: AuthzWorld
beforeAll(async () => {
  world = await startAuthzWorld()
})
afterAll(() => world.close())

const send = (body: string | Buffer, type = 'application/json', query = '?dry_run=true') =>
  world.call('operator', 'registry', `/registry/devices/import${query}`, { method: 'POST', type, body: body as string })
const row = (index: number) => `{"id":"m-${index}","kind":"guitar","model":"M","jkt":"${String(index % 10).repeat(42)}A"}`

describe('a JSON document that is too deep or too large', () => {
  test.each([
    { title: '100,000 opening brackets', body: '['.repeat(100_000), place: 'line 1, column 10' },
    { title: '100,000 opening braces', body: `[${'{"a":'.repeat(100_000)}`, place: 'line 1, column 42' },
    { title: 'brackets in pairs', body: `${'['.repeat(100_000)}${']'.repeat(100_000)}`, place: 'line 1, column 10' },
    { title: 'a deep key', body: `[${row(1)},\n {"id":"a","jwk":${'['.repeat(50_000)}${']'.repeat(50_000)}}]`, place: 'line 2, column 25' },
    { title: 'a deep wrapper', body: `{"devices":${'['.repeat(100_000)}`, place: 'line 1, column 21' },
    { title: 'a string without an end', body: `[${row(1)},"${'a'.repeat(100_000)}`, place: 'line 1, column' },
    { title: 'a device of 1 MiB', body: `[{"id":"${'a'.repeat(1 << 20)}"}]`, place: 'line 1, column' },
    { title: 'a number of 1 MiB', body: `[${'1'.repeat(1 << 20)}]`, place: 'line 1, column' },
  ])('TR41: $title is refused with the place, and the server lives', async ({ body, place }) => {
    const answer = await send(body)
    expect(answer.status).toBe(400)
    expect(answer.body['error_description']).toContain(place)
    expect(answer.body['imported']).toEqual([])
    expect((await send(`[${row(2)}]`)).status).toBe(200)
  })

  test('TR41: eight levels are read, nine are not', () => {
    const nested = (levels: number) => `[{"id":"a","kind":"guitar","model":"M","jwk":${'['.repeat(levels)}${']'.repeat(levels)}}]`
    expect(parseManifest(nested(7), 'json').rows).toHaveLength(1)
    expect(parseManifest(nested(8), 'json')).toMatchObject({ refused: true, errors: [{ code: 'manifest_too_deep' }] })
  })

  test('TR41: brackets inside strings are no levels', () => {
    expect(parseManifest(`[{"id":"a","kind":"guitar","model":"${'['.repeat(5000)}\\"{","jkt":"k"}]`, 'json').rows).toHaveLength(1)
  })

  test('TR41: a larger body is refused with the limit in the message', async () => {
    const answer = await send(Buffer.alloc(4 * 1024 * 1024 + 1, 0x20))
    expect([answer.status, answer.body['error_description']]).toEqual([413, expect.stringContaining('4194304 bytes')])
  })
})

describe('fuzz', () => {
  const positions = (text: string, format: 'csv' | 'json') => {
    const { rows, errors } = parseManifest(text, format)
    const lines = text.split(/\r\n|\n|\r/)
    for (const { line, column } of [...errors, ...rows.map(({ at }) => at)]) {
      expect(line).toBeGreaterThanOrEqual(1)
      expect(line).toBeLessThanOrEqual(lines.length)
      expect(column).toBeGreaterThanOrEqual(1)
    }
    return { rows, errors }
  }

  test('TR41: any text is read without a fault, and every place is in it', () => {
    const alphabet = fc.constantFrom(...'[]{}":,\\ \n\r\t;|0e-a', 'id', 'kind', 'model', 'jkt', 'jwk', '"id"', '"devices"', 'null', '\ufeff', '\u2028', 'sep=;')
    const text = fc.array(alphabet, { maxLength: 80 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, fc.constantFrom('csv' as const, 'json' as const), (given, format) => void positions(given, format)),
      { numRuns: fuzzCases() },
    )
  })

  test('TR41: any bytes are decoded or refused by their encoding', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const decoded = decodeManifest(Buffer.from(bytes))
        if (decoded.ok) expect(decoded.value.isWellFormed()).toBe(true)
        else expect(decoded.error).toMatchObject({ code: 'manifest_encoding', column: 1 })
      }),
      { numRuns: fuzzCases() },
    )
  })

  test('TR41: of valid JSON, the values are those of JSON.parse', () => {
    const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.dictionary(fc.string({ maxLength: 5 }), fc.string(), { maxKeys: 4 }))
    const member = fc.constantFrom('id', 'kind', 'model', 'jkt', 'jwk')
    const list = fc.array(fc.dictionary(member, value, { maxKeys: 5 }), { maxLength: 6 })
    fc.assert(
      fc.property(list, fc.integer({ min: 0, max: 4 }), fc.boolean(), (devices, indent, wrapped) => {
        const text = JSON.stringify(wrapped ? { devices } : devices, undefined, indent)
        const { rows, errors } = positions(text, 'json')
        expect(errors).toEqual([])
        expect(rows.map(({ cells }) => Object.fromEntries([...cells].map(([name, cell]) => [name, cell.value])))).toEqual(JSON.parse(JSON.stringify(devices)))
      }),
      { numRuns: fuzzCases() },
    )
  })

  test('TR41: text that JSON.parse refuses is refused', () => {
    const text = fc.tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '}', ']', '"', '/**/', '01', "'", '\u00a0')).map(([json, at, extra]) => {
      const index = at % (json.length + 1)
      return `[${json.slice(0, index)}${extra}${json.slice(index)}]`
    })
    fc.assert(
      fc.property(text, (given) => {
        const { rows, errors } = positions(given, 'json')
        let valid = true
        try {
          JSON.parse(given)
        } catch {
          valid = false
        }
        if (!valid) expect([rows, errors.length]).toEqual([[], 1])
      }),
      { numRuns: fuzzCases() },
    )
  })

  test('TR57: fields come back as they were written, with any delimiter, line end and quoting', () => {
    const field = fc.string({ unit: fc.constantFrom(...'ab";,|\t \n\u00e9'), maxLength: 8 })
    const quote = (text: string) => `"${text.replaceAll('"', '""')}"`
    fc.assert(
      fc.property(
        fc.array(fc.tuple(field, field, field, field), { maxLength: 5 }),
        fc.constantFrom(',', ';', '\t', '|'),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        (rows, delimiter, end, says) => {
          const lines = [['id', 'kind', 'model', 'jkt'].join(delimiter), ...rows.map((cells) => cells.map(quote).join(delimiter))]
          const read = parseManifest(`${says ? `sep=${delimiter}${end}` : ''}${lines.join(end)}${end}`, 'csv')
          expect(read.errors).toEqual([])
          expect(read.rows.map(({ cells }) => [...cells.values()].map(({ value }) => value))).toEqual(rows)
        },
      ),
      { numRuns: fuzzCases() },
    )
  })
})

describe('as spreadsheets write them', () => {
  const key = (n: number) => `${String(n).repeat(42)}A`
  const table = (delimiter: string, end = '\n') =>
    [
      ['id', 'kind', 'model', 'jkt'],
      ['lamp', 'guitar', 'M', key(1)],
    ]
      .map((cells) => cells.join(delimiter))
      .join(end) + end
  const utf16le = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')
  test.each([
    { title: 'comma', bytes: Buffer.from(table(',')) },
    { title: 'semicolon', bytes: Buffer.from(table(';')) },
    { title: 'tab', bytes: Buffer.from(table('\t')) },
    { title: 'vertical bar', bytes: Buffer.from(table('|')) },
    { title: 'a line sep=;', bytes: Buffer.from(`sep=;\n${table(';')}`) },
    { title: 'a line "sep=;" with CRLF', bytes: Buffer.from(`"sep=;"\r\n${table(';', '\r\n')}`) },
    { title: 'a line SEP=,', bytes: Buffer.from(`SEP=,\n${table(',')}`) },
    { title: 'CRLF', bytes: Buffer.from(table(',', '\r\n')) },
    { title: 'CR', bytes: Buffer.from(table(',', '\r')) },
    { title: 'CR with sep=;', bytes: Buffer.from(`sep=;\r${table(';', '\r')}`) },
    { title: 'UTF-8 with a byte order mark', bytes: Buffer.from(`\ufeff${table(',')}`) },
    { title: 'a byte order mark before sep=;', bytes: Buffer.from(`\ufeffsep=;\n${table(';')}`) },
    { title: 'UTF-16 LE', bytes: utf16le(table(',', '\r\n')) },
    { title: 'UTF-16 BE', bytes: utf16le(table(',', '\r\n')).swap16() },
    { title: 'Unicode text (UTF-16 LE, tabs)', bytes: utf16le(table('\t', '\r\n')) },
    { title: 'quoted names', bytes: Buffer.from(table(';').replace('id;kind', '"id";"kind"')) },
  ])('TR57: $title is read', async ({ bytes }) => {
    const answer = await send(bytes, 'text/csv')
    expect([answer.status, answer.body]).toEqual([200, { imported: ['lamp'], unchanged: [], errors: [] }])
  })

  test.each([
    {
      title: 'a delimiter that nobody uses',
      bytes: Buffer.from('sep=#\nid#kind#model#jkt\n'),
      says: `the delimiter '#' is not supported: use comma, semicolon, tab or '|'`,
    },
    {
      title: 'sep= and the header disagree',
      bytes: Buffer.from(`sep=;\n${table(',')}`),
      says: `the first line says that the delimiter is ';', but the header uses ','`,
    },
    { title: 'a delimiter that is not recognized', bytes: Buffer.from(table(':')), says: `with comma, semicolon, tab or '|' between them` },
    {
      title: 'UTF-16 without a byte order mark',
      bytes: Buffer.from(table(','), 'utf16le'),
      says: 'looks like UTF-16 without a byte order mark: save it as UTF-8',
    },
    { title: 'UTF-32', bytes: Buffer.from('fffe000069000000', 'hex'), says: 'UTF-32: save it as UTF-8' },
    { title: 'UTF-16 of an odd length', bytes: utf16le(table(',')).subarray(0, 11), says: 'starts like UTF-16LE, but is not valid' },
    {
      title: 'Windows-1252',
      bytes: Buffer.concat([Buffer.from('id,kind,model,jkt\nlamp,guitar,'), Buffer.from([0xe9]), Buffer.from(`,${key(1)}\n`)]),
      says: 'line 2, column 1: this line is not UTF-8, perhaps Windows-1252',
    },
  ])('TR57: $title is refused with one sentence that names it', async ({ bytes, says }) => {
    const answer = await send(bytes, 'text/csv')
    expect(answer.status).toBe(400)
    expect(answer.body['error_description']).toContain(says)
    expect(answer.body['errors']).toHaveLength(1)
  })
})

describe('one MAC address', () => {
  test.each([
    ['AA:BB:CC:00:11:22', 'aa:bb:cc:00:11:22'],
    ['aa-bb-cc-00-11-22', 'aa:bb:cc:00:11:22'],
    ['AA-BB-CC-00-11-22', 'aa:bb:cc:00:11:22'],
    ['aabb.cc00.1122', 'aa:bb:cc:00:11:22'],
    ['AABB.CC00.1122', 'aa:bb:cc:00:11:22'],
    ['00-11-22-33-44-55-66-77', '00:11:22:33:44:55:66:77'],
    ['0011.2233.4455.6677', '00:11:22:33:44:55:66:77'],
    ['aa:bb-cc:00:11:22', 'aa:bb-cc:00:11:22'],
    ['AABBCC001122', 'AABBCC001122'],
    ['AA-BB-CC-00-11', 'AA-BB-CC-00-11'],
    ['AA-BB-CC-00-11-GG', 'AA-BB-CC-00-11-GG'],
    ['guitar-0042', 'guitar-0042'],
  ])('TR57: %s is kept as %s', (given, expected) => expect(canonicalDeviceId(given)).toBe(expected))

  const load = (text: string) => importDevices(world.server.context, { text, format: 'csv', dryRun: false }, world.now())
  const csv = (...rows: readonly (readonly [string, string])[]) => `id,kind,model,jkt\n${rows.map(([id, jkt]) => `${id},guitar,M,${jkt}\n`).join('')}`

  test('TR57: two spellings in one file, and in two files, are one device', async () => {
    const [first, second] = [generateKey(), generateKey()]
    const report = await load(csv(['AA:BB:CC:DD:00:01', first.kid], ['aa-bb-cc-dd-00-01', second.kid]))
    expect(report.imported).toEqual(['aa:bb:cc:dd:00:01'])
    expect(report.errors).toMatchObject([{ line: 3, code: 'id_repeated' }])
    expect(await load(csv(['aabb.ccdd.0001', first.kid]))).toEqual({ imported: [], unchanged: ['aa:bb:cc:dd:00:01'], errors: [] })
    expect((await load(csv(['AABB.CCDD.0001', second.kid]))).errors).toMatchObject([{ code: 'id_taken' }])
  })

  test('TR57: the device pairs under any spelling, and is one client', async () => {
    const key = generateKey()
    await load(csv(['AA:BB:CC:DD:00:02', key.kid]))
    await world.call('operator', 'registry', '/registry/devices/AA-BB-CC-DD-00-02/activate', { method: 'POST' })
    const fetch = world.provingFetch(key)
    const { deviceCode, userCode } = await world.start(fetch, 'device:AA-BB-CC-DD-00-02')
    await world.addPerson('mac-owner')
    expect(await world.decide(userCode, 'mac-owner')).toBe('ok')
    expect((await world.poll(fetch, 'device:aabb.ccdd.0002', deviceCode)).status).toBe(200)
  })
})

test('TR32: an import of 10,000 rows lets other requests through while it runs', async () => {
  const keys = Array.from({ length: 10_000 }, (_, index) => `${index.toString(36).padStart(6, '0')}${'b'.repeat(36)}A`)
  const text = `id,kind,model,jkt\n${keys.map((jkt, index) => `bulk-${index},guitar,M,${jkt}`).join('\n')}\n`
  let answered = 0
  let running = true
  const others = (async () => {
    while (running) {
      await fetch(`${world.issuer}/.well-known/oauth-authorization-server`).then((response) => response.text())
      if (running) answered += 1
    }
  })()
  const answer = await send(text, 'text/csv', '')
  running = false
  await others
  expect(answer.body['errors']).toEqual([])
  expect(answer.body['imported']).toHaveLength(10_000)
  // Were the rows one piece of work, no answer could be written in between but the first few.
  expect(answered).toBeGreaterThan(20)
})
