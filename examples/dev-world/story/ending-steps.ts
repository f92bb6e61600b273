// The last act: the guitar is lost, Alice revokes it, and every door is shut.
import { ClientError } from '../../../device/index.ts'
import { GUITAR_ID } from '../household.ts'
import { buildRawProof, fetchNonce, rawCall } from '../raw-calls.ts'
import { type Cast, tuningOf } from './cast.ts'
import { show } from './proof-steps.ts'
import { ms } from './sharing-steps.ts'
import { expectThat, type StoryStep } from './story-step.ts'

const REFUSED_WITHIN_MILLISECONDS = 5000

export const ENDING_STEPS: readonly StoryStep<Cast>[] = [
  {
    name: 'Alice revokes the guitar',
    told: 'its token is refused a moment later, and it can get no other',
    async play(cast) {
      const uri = tuningOf(cast)
      const { access_token: accessToken } = await cast.guitar.tokens()
      let nonce = await fetchNonce(cast.guitarKey, { uri, accessToken })
      const started = performance.now()
      await cast.alice.revokeDevice(GUITAR_ID)
      const revoked = performance.now()
      for (;;) {
        const answer = await rawCall({ uri, accessToken, proof: buildRawProof(cast.guitarKey, { uri, accessToken }, nonce) })
        const now = performance.now()
        nonce = answer.nonce ?? nonce
        if (answer.status === 401 && answer.challenge.includes('invalid_token')) {
          const times = `revoked in ${ms(started, revoked)}, refused ${ms(revoked, now)} after that`
          return [show(answer), times, await expectEnd(cast, uri)]
        }
        expectThat(now - revoked < REFUSED_WITHIN_MILLISECONDS, `401 within ${REFUSED_WITHIN_MILLISECONDS} ms`, answer)
      }
    },
  },
]

/** The SDK finds out by itself: refused, cannot renew, says so. */
async function expectEnd(cast: Cast, uri: string): Promise<string> {
  const outcome = await cast.guitar.fetch(uri).then(
    (response) => `status ${response.status}`,
    (error: unknown) => (error instanceof ClientError ? error.code : String(error)),
  )
  expectThat(outcome === 'revoked', 'the SDK says that the pairing has ended', outcome)
  return 'the SDK reports to the guitar: revoked'
}
