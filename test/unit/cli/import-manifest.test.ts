// TR32: a manifest of any size in one command: sent in pieces, with places of the file, continued after a stop. Against a real authz server.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ManifestError } from '../../../authz-server/registry/manifest-row.ts'
import { parseManifest } from '../../../authz-server/registry/parse-manifest.ts'
import { sendManifest } from '../../../cli/import-manifest.ts'
import { dropLocalRepeats, splitRows } from '../../../cli/manifest-pieces.ts'
import { createOperatorApi, type OperatorApi } from '../../../cli/operator-api.ts'
import { ClientError } from '../../../device/errors.ts'
import { type AuthzWorld, startAuthzWorld } from '../authz-server/support/authz-world.ts'

let world: AuthzWorld
let api: OperatorApi
let prefix = 0
beforeAll(async () => {
  world = await startAuthzWorld()
  api = createOperatorApi({ issuer: world.issuer, clientId: 'operator', key: world.keys.operator }, () => world.now())
})
beforeEach(() => {
  prefix += 1
})
afterAll(() => world.close())

const jkt = (index: number) => `${prefix}${index.toString(36).padStart(5, '0')}`.padEnd(42, 'c').concat('A')
const rowsOf = (many: number) => Array.from({ length: many }, (_, index) => `p${prefix}-${index};guitar;"M;x";${jkt(index)}`)
const file = (rows: readonly string[]) => Buffer.from(`\ufeffsep=;\r\nid;kind;model;jkt\r\n${rows.join('\r\n')}\r\n`, 'utf16le')
const manifest = (bytes: Buffer, more: { readonly dryRun?: boolean; readonly activate?: boolean } = {}) => ({
  file: 'devices.csv',
  bytes,
  format: 'csv' as const,
  dryRun: false,
  activate: false,
  ...more,
})

test('TR32: a file that is sent in pieces comes in with one command, bad rows keep their places, and a second run changes nothing', async () => {
  const rows = rowsOf(2500)
  rows[1100] = `p${prefix}-1100;toaster;"M;x";${jkt(1100)}`
  rows[1200] = `p${prefix}-10;guitar;"M;x";${jkt(1200)}`
  rows[2300] = `p${prefix}-2300;guitar;"M;x";${jkt(20)}`
  const seen: number[] = []
  const outcome = await sendManifest(api, manifest(file(rows)), (done) => seen.push(done))
  expect(outcome.imported).toHaveLength(2497)
  expect(outcome.errors.map(({ line, column, code }) => [line, column, code])).toEqual([
    [1103, `p${prefix}-1100;`.length + 1, 'kind_unknown'],
    [1203, 1, 'id_repeated'],
    [2303, `p${prefix}-2300;guitar;"M;x";`.length + 1, 'key_repeated'],
  ])
  expect(seen).toEqual([...seen].sort((a, b) => a - b))
  expect([seen.length, seen.at(-1)]).toEqual([3, 2498])
  const again = await sendManifest(api, manifest(file(rows)), () => {})
  expect([again.imported.length, again.unchanged.length, again.errors.length]).toEqual([0, 2497, 3])
})

test('TR32: a dry run of many rows imports nothing', async () => {
  const outcome = await sendManifest(api, manifest(file(rowsOf(2100)), { dryRun: true }), () => {})
  expect(outcome.imported).toHaveLength(2100)
  expect(await world.server.context.store.read.devices.find(`p${prefix}-0`)).toBeUndefined()
})

test('TR32: an import that stops says how far it came, and the same command continues and activates the rest', async () => {
  const bytes = file(rowsOf(2100))
  let calls = 0
  const failing: OperatorApi = {
    call(request) {
      calls += 1
      return calls > 2 ? Promise.reject(new ClientError('unreachable', 'the authz server does not respond')) : api.call(request)
    },
  }
  const stopped = sendManifest(failing, manifest(bytes, { activate: true }), () => {})
  await expect(stopped).rejects.toMatchObject({
    fault: {
      exitCode: 3,
      message: 'stopped after 1000 of 2100 rows: the authz server does not respond',
      remedy: expect.stringContaining('run the same command again') as string,
    },
  })
  const outcome = await sendManifest(api, manifest(bytes, { activate: true }), () => {})
  expect([outcome.imported.length, outcome.unchanged.length]).toEqual([1100, 1000])
  expect(await world.server.context.store.read.devices.find(`p${prefix}-2099`)).toMatchObject({ status: 'active' })
})

describe('a small file', () => {
  test('TR54: devices that their owners revoked are named and not activated', async () => {
    await world.addPerson(`owner-${prefix}`)
    const rows = rowsOf(2)
    await sendManifest(api, manifest(file(rows), { activate: true }), () => {})
    await world.server.context.store.transaction(({ devices }) => devices.assignOwner(`p${prefix}-0`, `owner-${prefix}`, world.now()))
    await world.server.context.store.transaction(({ devices }) => devices.revoke(`p${prefix}-0`, { owner: `owner-${prefix}`, now: world.now() }))
    expect(await sendManifest(api, manifest(file(rows), { activate: true }), () => {})).toMatchObject({ needs_release: [`p${prefix}-0`] })
  })

  test('TR41: a document that cannot be read is reported with its place', async () => {
    const outcome = await sendManifest(api, { ...manifest(Buffer.from('[\n [[[[[[[[[')), format: 'json' }, () => {})
    expect(outcome).toMatchObject({ imported: [], errors: [{ line: 2, column: 10, code: 'manifest_too_deep' }] })
  })
})

describe('a large file that cannot be read', () => {
  test.each([
    {
      title: 'in another encoding',
      bytes: Buffer.concat([Buffer.from('id,kind,model,jkt\n'), Buffer.alloc(300_000, 0xe9)]),
      fault: { code: 'manifest_encoding', line: 2 },
    },
    { title: 'without a header', bytes: Buffer.alloc(300_000, 'x'), fault: { code: 'manifest_malformed', line: 1 } },
  ])('TR57: $title: nothing is sent, and the place is in the message', async ({ bytes, fault }) => {
    const none: OperatorApi = { call: () => Promise.reject(new Error('nothing may be sent')) }
    await expect(sendManifest(none, manifest(bytes), () => {})).rejects.toMatchObject({ fault: { file: 'devices.csv', exitCode: 1, ...fault } })
  })
})

describe('pieces', () => {
  const text = `id,kind,model,jkt\n${Array.from({ length: 100_000 }, (_, index) => `d${index},guitar,"M ""s"", ${index}",k${index}`).join('\n')}\n`

  test('TR32: 100,000 rows fit into requests of 1,000 rows, and nothing is lost', () => {
    const { rows } = parseManifest(text, 'csv', 1_000_000)
    const pieces = splitRows(dropLocalRepeats(rows).rows)
    expect(pieces).toHaveLength(100)
    expect(pieces.flatMap((piece) => parseManifest(piece.text, 'json').rows.map(({ cells }) => cells.get('id')?.value))).toEqual(
      Array.from({ length: 100_000 }, (_, index) => `d${index}`),
    )
  })

  test('TR32: the place of each value in a piece leads to its place in the file', () => {
    const { rows } = parseManifest(text.slice(0, 200_000), 'csv', 1_000_000)
    const [, second] = splitRows(rows)
    const read = parseManifest(second?.text ?? '', 'json').rows[3]
    const original = rows[1003]
    for (const name of ['id', 'kind', 'model', 'jkt']) {
      const at = read?.cells.get(name)?.at
      expect(second?.placeOf(at ?? { line: 0, column: 0 })).toEqual(original?.cells.get(name)?.at)
    }
    expect(second?.placeOf(read?.at ?? { line: 0, column: 0 })).toEqual(original?.at)
  })

  test('TR32: a row that no request could hold costs that row alone', () => {
    const { rows } = parseManifest(`[{"id":"a","model":"${'x'.repeat(9000)}"}]`, 'json')
    const long = { at: { line: 9, column: 1 }, cells: new Map([['model', { value: 'x'.repeat(20_000), at: { line: 9, column: 5 } }]]) }
    const { rows: kept, errors } = dropLocalRepeats([...rows, long])
    expect(kept).toEqual(rows)
    expect(errors satisfies readonly ManifestError[]).toMatchObject([{ line: 9, column: 1, code: 'row_malformed' }])
  })
})
