import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { importDevices } from '../../../../authz-server/registry/import-devices.ts'
import { type AuthzWorld, generateKey, startAuthzWorld } from '../support/authz-world.ts'

let world: AuthzWorld
beforeAll(async () => {
  world = await startAuthzWorld()
})
afterAll(() => world.close())

let keys: string[]
beforeEach(() => {
  keys = Array.from({ length: 4 }, () => generateKey().kid)
})

let count = 0
function nextId(): string {
  count += 1
  return `device-${count}`
}
const load = (text: string, format: 'csv' | 'json' = 'csv', dryRun = false) => importDevices(world.server.context, { text, format, dryRun }, world.now())
const find = (id: string) => world.server.context.store.read.devices.find(id)

describe('import', () => {
  test('takes the good rows and tells of the bad ones by line and column', async () => {
    const [a, b] = [nextId(), nextId()]
    const report = await load(`id,kind,model,jkt\n${a},guitar,"Model ""S"", red",${keys[0]}\n${b},toaster,Model,short\n,guitar,,${keys[1]}\n`)
    expect(report.imported).toEqual([a])
    expect(report.errors.map(({ line, column, code }) => `${line}:${column} ${code}`)).toEqual([
      `3:${b.length + 2} kind_unknown`,
      `3:${b.length + 16} key_unusable`,
      '4:1 id_unusable',
      '4:9 model_unusable',
    ])
    expect(await find(a)).toMatchObject({ model: 'Model "S", red', status: 'imported', owner: null, epoch: 0 })
  })

  test('with dry_run says the same and changes nothing', async () => {
    const id = nextId()
    const report = await load(`id,kind,model,jkt\r\n${id},guitar,Model,${keys[0]}\r\n`, 'csv', true)
    expect(report).toEqual({ imported: [id], unchanged: [], errors: [] })
    expect(await find(id)).toBeUndefined()
  })

  test('the same file again changes nothing', async () => {
    const id = nextId()
    const text = JSON.stringify([{ id, kind: 'guitar', model: 'Model', jwk: generateKey().jwk }])
    expect((await load(text, 'json')).imported).toEqual([id])
    expect(await load(text, 'json')).toEqual({ imported: [], unchanged: [id], errors: [] })
  })

  test('rows that repeat an id or a key: the first one counts', async () => {
    const [a, b, c] = [nextId(), nextId(), nextId()]
    const report = await load(`id,kind,model,jkt\n${a},guitar,M,${keys[0]}\n${a},guitar,M,${keys[1]}\n${b},guitar,M,${keys[0]}\n${c},amp,M,${keys[2]}\n`)
    expect(report.imported).toEqual([a, c])
    expect(report.errors.map(({ line, code }) => [line, code])).toEqual([
      [3, 'id_repeated'],
      [4, 'key_repeated'],
    ])
  })
})

describe('R01: what is in the registry is never overwritten', () => {
  test.each([
    { title: 'another key', kind: 'guitar', model: 'Model', key: 1, code: 'id_taken' },
    { title: 'another kind', kind: 'amp', model: 'Model', key: 0, code: 'id_taken' },
    { title: 'another model', kind: 'guitar', model: 'Other', key: 0, code: 'id_taken' },
  ])('the same id with $title is an error', async ({ kind, model, key, code }) => {
    const id = nextId()
    await load(`id,kind,model,jkt\n${id},guitar,Model,${keys[0]}\n`)
    const before = await find(id)
    const report = await load(`id,kind,model,jkt\n${id},${kind},${model},${keys[key]}\n`)
    expect(report).toMatchObject({ imported: [], unchanged: [], errors: [{ line: 2, column: 1, code }] })
    expect(await find(id)).toEqual(before)
  })

  test('a new id with the key of another device is an error', async () => {
    const [a, b] = [nextId(), nextId()]
    await load(`id,kind,model,jkt\n${a},guitar,Model,${keys[0]}\n`)
    expect((await load(`id,kind,model,jkt\n${b},guitar,Model,${keys[0]}\n`)).errors).toMatchObject([{ code: 'key_taken', line: 2 }])
    expect(await find(b)).toBeUndefined()
  })

  test('the old key still works and the new one never does', async () => {
    const device = await world.addDevice('kalay-1')
    const thief = generateKey()
    const sent = { method: 'POST', type: 'text/csv', body: `id,kind,model,jkt\nkalay-1,guitar,Model guitar,${thief.kid}\n` }
    expect((await world.call('operator', 'registry', '/registry/devices/import', sent)).body['errors']).toMatchObject([{ code: 'id_taken' }])
    const form = { client_id: device.clientId }
    expect((await world.post(world.provingFetch(thief), '/device_authorization', form)).body['error']).toBe('invalid_client')
    expect((await world.post(device.fetch, '/device_authorization', form)).status).toBe(200)
  })
})

describe('a malformed manifest', () => {
  const row = (cells: string) => `id,kind,model,jkt\n${cells}\n`
  test.each([
    { title: 'an empty file', text: '', expected: '1:1 manifest_malformed' },
    { title: 'a column nobody knows', text: 'id,kind,model,owner,jkt\n', expected: '1:15 column_unknown' },
    { title: 'a column twice', text: 'id,kind,model,id,jkt\n', expected: '1:15 column_unknown' },
    { title: 'no model column', text: 'id,kind,jkt\n', expected: '1:1 column_missing' },
    { title: 'neither jkt nor jwk', text: 'id,kind,model\n', expected: '1:1 column_missing' },
    { title: 'a row too short', text: row('a,guitar,M'), expected: '2:1 row_malformed' },
    { title: 'a quote inside a field', text: row('a,gui"tar,M,k'), expected: '2:6 row_malformed' },
    { title: 'text after a closing quote', text: row('"a"x,guitar,M,k'), expected: '2:4 row_malformed' },
    { title: 'a quote that is never closed', text: row('a,guitar,"M,k'), expected: '2:10 row_malformed' },
    { title: 'a lone carriage return', text: row('a,guitar,M\rN,k'), expected: '2:11 row_malformed' },
    { title: 'no key', text: row('a,guitar,M,'), expected: '2:1 key_missing' },
    { title: 'an id with a slash', text: row(`a/b,guitar,M,${'A'.repeat(43)}`), expected: '2:1 id_unusable' },
  ])('$title', async ({ text, expected }) => {
    const { imported, errors } = await load(text)
    expect([imported, errors.map(({ line, column, code }) => `${line}:${column} ${code}`)]).toEqual([[], [expected]])
  })

  test.each([
    { title: 'is the last one', stray: (id: string, key: string) => `${id},guitar,"M,${key}`, last: 'M' },
    { title: 'meets a quote of a later row', stray: (id: string, key: string) => `${id},guitar,"M,${key}`, last: '"N"' },
    { title: 'meets a quote and a doubled one', stray: (id: string, key: string) => `${id},guitar,"M""s,${key}`, last: '"N ""S"""' },
  ])('a quote that is opened in one row and $title costs that row alone', async ({ stray, last }) => {
    const [a, b, c, d] = [nextId(), nextId(), nextId(), nextId()]
    const rows = [`${a},guitar,M,${keys[0]}`, stray(b, keys[1] ?? ''), `${c},guitar,M,${keys[2]}`, `${d},guitar,${last},${keys[3]}`]
    const { imported, errors } = await load(`id,kind,model,jkt\n${rows.join('\n')}\n`)
    expect(imported).toEqual([a, c, d])
    expect(errors.map(({ line, column, code }) => [line, column, code])).toEqual([[3, b.length + 9, 'row_malformed']])
  })

  test('a line break inside quotes is part of the field, and the row after it keeps its line', async () => {
    const id = nextId()
    const jwk = JSON.stringify(generateKey().jwk, undefined, 1).replaceAll('"', '""')
    const { imported, errors } = await load(`id,kind,model,jwk\n${id},guitar,M,"${jwk}"\nx,toaster,M,"{}"\n`)
    expect(imported).toEqual([id])
    expect(errors[0]).toMatchObject({ line: 2 + jwk.split('\n').length, column: 3, code: 'kind_unknown' })
  })

  test.each([
    { title: 'one open quote in each line', line: '"a' },
    { title: 'an open and a doubled quote in each line', line: 'a,"""' },
    { title: 'an open quote, then pairs', line: '""""' },
    { title: 'an open quote, then pairs inside of it', line: 'a""b' },
  ])('stray quotes by the hundred thousand cost no more than their length: $title', async ({ line }) => {
    const before = performance.now()
    await load(`id,kind,model,jkt\n"${`${line}\n`.repeat(200_000)}`, 'csv', true)
    expect(performance.now() - before).toBeLessThan(5000)
  })

  test.each([
    { title: 'broken JSON', text: '[\n {"id": }\n]', expected: 'manifest_malformed' },
    { title: 'YAML that is not JSON', text: '- id: a', expected: 'manifest_malformed' },
    { title: 'a member twice', text: '[{"id":"a","id":"b"}]', expected: 'column_unknown' },
    { title: 'R04: a protected member beside the list', text: '{"devices":[],"owner":"mallory"}', expected: 'manifest_malformed' },
    { title: 'R04: __proto__ beside the list', text: '{"__proto__":{"status":"active"},"devices":[]}', expected: 'manifest_malformed' },
    { title: 'the list twice', text: '{"devices":[],"devices":[]}', expected: 'manifest_malformed' },
    { title: 'an object without devices', text: '{"things":[]}', expected: 'manifest_malformed' },
    { title: 'a text in the list', text: '["a"]', expected: 'row_malformed' },
    { title: 'R04: a protected member', text: '[{"id":"a","kind":"guitar","model":"M","jkt":"k","owner":"mallory"}]', expected: 'column_unknown' },
    { title: 'R04: __proto__', text: '[{"id":"a","__proto__":{"status":"active"}}]', expected: 'column_unknown' },
    {
      title: 'a private key',
      text: JSON.stringify([{ id: 'a', kind: 'guitar', model: 'M', jwk: { ...generateKey().jwk, d: 'AAAA' } }]),
      expected: 'key_unusable',
    },
    {
      title: 'a thumbprint of another key',
      text: JSON.stringify([{ id: 'a', kind: 'guitar', model: 'M', jkt: generateKey().kid, jwk: generateKey().jwk }]),
      expected: 'key_unusable',
    },
  ])('JSON: $title', async ({ text, expected }) => {
    const { imported, errors } = await load(text, 'json')
    expect([imported, errors.map(({ code }) => code)]).toEqual([[], [expected]])
  })

  test('JSON places are those of the values', async () => {
    const text = `[\n  {"id": "json-1", "kind": "guitar", "model": "M", "jkt": "${keys[0]}"},\n  {"id": "json-2",\n   "kind": "toaster", "model": "M", "jkt": "${keys[1]}"}\n]`
    const report = await load(text, 'json')
    expect(report.imported).toEqual(['json-1'])
    expect(report.errors).toMatchObject([{ line: 4, column: 12, code: 'kind_unknown' }])
  })

  test.each([
    { title: 'in the row', twice: '"model": "M", "model": "N"', key: (jkt: string) => `"jkt": "${jkt}"` },
    { title: 'in its key', twice: '"model": "M"', key: () => `"jwk": ${JSON.stringify(generateKey().jwk).replace('{', '{"kty":"OKP",')}` },
  ])('JSON: a member that appears twice $title costs that row alone', async ({ twice, key }) => {
    const [a, b, c] = [nextId(), nextId(), nextId()]
    const good = (id: string, jkt: string | undefined) => `{"id": "${id}", "kind": "guitar", "model": "M", "jkt": "${jkt}"}`
    const report = await load(`[\n${good(a, keys[0])},\n{"id": "${b}", "kind": "guitar", ${twice}, ${key(keys[1] ?? '')}},\n${good(c, keys[2])}]`, 'json')
    expect(report.imported).toEqual([a, c])
    expect(report.errors).toMatchObject([{ line: 3, code: 'column_unknown', message: expect.stringContaining('appears twice') as string }])
  })

  test.each([
    { title: 'in a row', text: (members: string) => `[{${members}}]` },
    { title: 'in a key', text: (members: string) => `[{"id":"a","kind":"guitar","model":"M","jwk":{${members}}}]` },
    { title: 'beside the list', text: (members: string) => `{${members}}` },
  ])('JSON: 100,000 members $title cost no more than their length', async ({ text }) => {
    const members = Array.from({ length: 100_000 }, (_, index) => `"k${index}":1`).join(',')
    const before = performance.now()
    expect((await load(text(members), 'json')).errors).toHaveLength(1)
    expect(performance.now() - before).toBeLessThan(5000)
  })

  test('JSON key that cannot be decoded as a position stays on line 1', async () => {
    expect((await load('', 'json')).errors).toMatchObject([{ line: 1, column: 1, code: 'manifest_malformed' }])
  })

  test('10,001 rows are refused, 10,000 are read', async () => {
    const rows = (many: number) => `id,kind,model,jkt\n${Array.from({ length: many }, (_, index) => `r${index},none,M,x`).join('\n')}`
    expect((await load(rows(10_001), 'csv', true)).errors).toMatchObject([{ line: 10_002, code: 'manifest_too_large' }])
    expect((await load(rows(10_000), 'csv', true)).errors).toHaveLength(20_000)
  })
})
