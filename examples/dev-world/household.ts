// The household of the dev world: its people, things, clients and rules. Every password and key here is for demonstration only.
import type { Client, DeviceType, ResourceServer } from '../../authz-server/config/config.ts'

export interface DemoPerson {
  readonly email: string
  readonly displayName: string
  /** For demonstration only: printed on the terminal, never to be used elsewhere. */
  readonly password: string
}

export const ALICE: DemoPerson = { email: 'alice@example.test', displayName: 'Alice', password: 'demo-only-alice-plays' }
export const BOB: DemoPerson = { email: 'bob@example.test', displayName: 'Bob', password: 'demo-only-bob-listens' }
export const DEMO_PEOPLE: readonly DemoPerson[] = [ALICE, BOB]

export const GUITAR_ID = 'guitar-0042'
export const GUITAR_CLIENT_ID = `device:${GUITAR_ID}`
export const SPARE_GUITAR_ID = 'guitar-0007'
export const APP_CLIENT_ID = 'band-app'
export const OPERATOR_CLIENT_ID = 'operator'
export const SIDECAR_CLIENT_ID = 'sidecar-1'

export const GUITAR_TYPE = (resourceServer: string): DeviceType => ({
  kind: 'smart-guitar',
  resource_server: resourceServer,
  resources: [{ key: '{device}', name: 'Guitar {device}', type: 'smart-guitar', tags: ['studio'], scopes: ['read', 'play', 'diagnose'] }],
})

export const GUITARS_API = (id: string): ResourceServer => ({ id, name: 'Guitars', client_id: SIDECAR_CLIENT_ID })

export const BAND_APP: Client = { client_id: APP_CLIENT_ID, name: 'Band app', authentication: 'none', scopes: ['openid', 'read', 'play', 'diagnose'] }

export const ROUTES = [
  { method: 'GET', path: '/guitars/{id}/tuning', resource: '{id}', scope: 'read' },
  { method: 'GET', path: '/guitars/{id}/notes', resource: '{id}', scope: 'read' },
  { method: 'POST', path: '/guitars/{id}/notes', resource: '{id}', scope: 'play' },
  { method: 'POST', path: '/guitars/{id}/diagnose', resource: '{id}', scope: 'diagnose' },
  { method: 'GET', path: '/guitars/{id}/events', resource: '{id}', scope: 'read' },
] as const

export const ALL_DAY = '00:00-24:00'

/** What Alice writes: the band may ask, never sees where the guitar is, and only in these hours. */
export function buildRules(between: string): string {
  return `version: 1
people:
  band: [${BOB.email}]
shares:
  - name: The band may ask
    who: [band]
    what: [${GUITAR_ID}]
    may: [read, play]
    only: { between: "${between}", timezone: Europe/Paris }
    hide: [location, email]
    ask: once
block:
  - who: [mallory@example.test]
`
}

/** A manifest row for each key; the thumbprint is what the registry pins. */
export function buildManifest(devices: readonly { readonly id: string; readonly thumbprint: string }[]): string {
  const rows = devices.map(({ id, thumbprint }) => `${id},smart-guitar,Nightingale S,${thumbprint}`)
  return `${['id,kind,model,jkt', ...rows].join('\n')}\n`
}
