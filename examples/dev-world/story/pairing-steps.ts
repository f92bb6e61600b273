// The first act: an operator imports devices, a guitar shows a code, its owner confirms it, and the guitar has a token that only it can use.
import type { Client, PairingCode, StoredTokens } from '../../../device/index.ts'
import { createKey } from '../../../device/index.ts'
import type { PairingRefusal } from '../../../device/pairing.ts'
import { isJsonObject, type JsonObject } from '../../../protocol/encoding.ts'
import { parseJws } from '../../../protocol/jws.ts'
import type { Result } from '../../../protocol/result.ts'
import { buildManifest, GUITAR_CLIENT_ID, GUITAR_ID, SPARE_GUITAR_ID } from '../household.ts'
import { textOf } from '../page-visitor.ts'
import type { Person } from '../person.ts'
import { type Cast, required } from './cast.ts'
import { expectThat, type StoryStep } from './story-step.ts'

export const PAIRING_STEPS: readonly StoryStep<Cast>[] = [
  {
    name: 'The operator imports a manifest',
    told: 'the valid rows are imported, the invalid row is reported by line and column, and the guitar is activated',
    async play({ operator, guitarKey }) {
      const manifest = `${buildManifest([
        { id: GUITAR_ID, thumbprint: guitarKey.kid },
        { id: SPARE_GUITAR_ID, thumbprint: createKey().kid },
      ])}guitar-0666,smart-guitar,Nightingale S,not-a-thumbprint\n`
      const answer = await operator.call({ method: 'POST', path: '/registry/devices/import?dry_run=false', body: { type: 'text/csv', text: manifest } })
      const { imported, unchanged, errors } = answer as { imported: string[]; unchanged: string[]; errors: { line: number; column: number; message: string }[] }
      expectThat([...imported, ...unchanged].includes(GUITAR_ID) && errors.length === 1 && errors[0]?.line === 4, 'one invalid row, in line 4', answer)
      await operator.call({ method: 'POST', path: `/registry/devices/${GUITAR_ID}/activate` })
      return [
        `imported ${imported.join(', ')}`,
        ...errors.map(({ line, column, message }) => `line ${line}, column ${column}: ${message}`),
        `activated ${GUITAR_ID}`,
      ]
    },
  },
  {
    name: 'The guitar asks for a code',
    told: 'it proves its key from the first request and gets a code to show',
    async play({ guitar, remembered, ending }) {
      const { code, ended } = await startPairing(guitar, { signal: ending })
      remembered.guitarCode = code
      remembered.guitarPairing = ended
      return [`open ${code.verificationUri} and enter ${code.userCode}`, `its key in words: ${code.fingerprintWords.join(' ')}`]
    },
  },
  {
    name: 'Alice signs in and confirms the guitar',
    told: 'the page shows the same four words; nothing is decided before she presses the button',
    async play({ alice, remembered }) {
      await alice.signIn()
      return confirmPairing(alice, required(remembered.guitarCode, 'code of the guitar'))
    },
  },
  {
    name: 'The guitar gets its token',
    told: 'the token says whose guitar it is, and names the key without which it is useless',
    async play({ guitarKey, remembered }) {
      const paired = await required(remembered.guitarPairing, 'pairing of the guitar')
      expectThat(paired.ok, 'the pairing ends with tokens', paired)
      const claims = claimsOf(paired.value.access_token)
      const { cnf, act } = claims
      expectThat(isJsonObject(cnf) && cnf['jkt'] === guitarKey.kid, "the token is bound to the guitar's key", claims)
      expectThat(claims['client_id'] === GUITAR_CLIENT_ID && isJsonObject(act) && act['sub'] === GUITAR_CLIENT_ID, 'the guitar acts for its owner', claims)
      return ['sub', 'act', 'device_id', 'scope', 'aud', 'exp', 'cnf'].map((name) => `${name}: ${showClaim(name, claims[name])}`)
    },
  },
]

export interface RunningPairing {
  readonly code: PairingCode
  readonly ended: Promise<Result<StoredTokens, PairingRefusal>>
}

/** Resolves when there is a code to show; the polling goes on. */
export function startPairing(client: Client, options: { readonly scope?: string; readonly signal?: AbortSignal } = {}): Promise<RunningPairing> {
  return new Promise((resolve, reject) => {
    const ended: Promise<Result<StoredTokens, PairingRefusal>> = client.pair({
      ...options,
      onCode: (code) => resolve({ code, ended }),
    })
    ended.then((outcome) => reject(new Error(`no code: ${JSON.stringify(outcome)}`)), reject)
  })
}

export async function confirmPairing(person: Person, code: PairingCode): Promise<readonly string[]> {
  const page = await person.enterCode(code.userCode)
  const text = textOf(page.html)
  const words = code.fingerprintWords.join(' ')
  expectThat(
    code.fingerprintWords.every((word) => text.includes(word)),
    `the confirm page shows "${words}"`,
    text,
  )
  const after = await person.confirm(page)
  return [`the page asks: ${text.slice(0, 160)} ...`, `after the button: ${textOf(after.html).slice(0, 120)} ...`]
}

export function claimsOf(token: string): JsonObject {
  const jws = parseJws(token)
  if (!jws.ok) throw new Error(`not a token: ${jws.error}`)
  return jws.value.payload
}

function showClaim(name: string, value: unknown): string {
  return name === 'exp' ? new Date((value as number) * 1000).toISOString() : JSON.stringify(value)
}
