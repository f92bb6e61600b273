// A simulated device that does what a real one would: shows its code until somebody confirms it, then reads its tuning every few seconds.
import { ClientError, createClient, createFileTokenStore, renderPairingQrText, renderPairingText, systemPorts } from '../../device/index.ts'
import type { SigningKey } from '../../protocol/jws.ts'
import { GUITAR_CLIENT_ID, GUITAR_ID } from './household.ts'

const CALL_INTERVAL_MILLISECONDS = 5000

export interface GuitarPlay {
  readonly authzServer: string
  readonly sidecar: string
  readonly key: SigningKey
  readonly tokenFile: string
  readonly say: (text: string) => unknown
  readonly signal: AbortSignal
}

/** Ends when the signal is aborted, or when nobody will ever pair this guitar again. */
export async function playGuitar(play: GuitarPlay): Promise<void> {
  const ports = systemPorts()
  const store = createFileTokenStore(play.tokenFile)
  const config = { issuer: play.authzServer, clientId: GUITAR_CLIENT_ID, key: play.key, store, resourceServers: [play.sidecar] }
  const guitar = createClient(config, ports)
  try {
    while (!play.signal.aborted) {
      if (!guitar.isPaired() && !(await pair(guitar, play))) return
      await callOnce(guitar, play)
      await ports.sleep(CALL_INTERVAL_MILLISECONDS, play.signal)
    }
  } catch (error) {
    if (!play.signal.aborted) play.say(`guitar: ${error instanceof Error ? error.message : String(error)}`)
  }
}

type Guitar = ReturnType<typeof createClient>

/** False when the registry does not take this guitar any more. A code that nobody entered is replaced by a new one. */
async function pair(guitar: Guitar, play: GuitarPlay): Promise<boolean> {
  for (;;) {
    const paired = await guitar.pair({
      onCode: (code) => play.say(`guitar: pair me\n${renderPairingQrText(code)}\n${renderPairingText(code)}\n`),
      signal: play.signal,
    })
    if (paired.ok) {
      play.say(`guitar: paired, I may ${paired.value.scope ?? 'do what was requested'}`)
      return true
    }
    play.say(`guitar: not paired (${paired.error.reason})`)
    if (paired.error.reason === 'client_refused') return false
  }
}

async function callOnce(guitar: Guitar, play: GuitarPlay): Promise<void> {
  try {
    const response = await guitar.fetch(`${play.sidecar}/guitars/${GUITAR_ID}/tuning`, { signal: play.signal })
    const { tuning, reason } = (await response.json()) as { tuning?: unknown; reason?: unknown }
    play.say(`guitar: ${response.status} ${JSON.stringify(tuning ?? reason)}`)
  } catch (error) {
    if (!(error instanceof ClientError)) throw error
    play.say(`guitar: ${error.message}`)
  }
}
