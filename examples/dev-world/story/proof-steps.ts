// The second act: the sidecar challenges, lets the guitar through, and refuses the thief and the replayer.
import { createKey } from '../../../device/index.ts'
import { buildRawProof, fetchNonce, type RawAnswer, rawCall } from '../raw-calls.ts'
import { type Cast, tuningOf } from './cast.ts'
import { expectThat, type StoryStep } from './story-step.ts'

export const PROOF_STEPS: readonly StoryStep<Cast>[] = [
  {
    name: 'The sidecar challenges the guitar, then lets it through',
    told: '401 without a token, 401 with a nonce to prove freshness, 200 once the proof answers it',
    async play(cast) {
      const uri = tuningOf(cast)
      const anonymous = await rawCall({ uri })
      expectThat(anonymous.status === 401 && anonymous.challenge.includes('DPoP'), '401 without a token', anonymous)
      const { access_token: accessToken } = await cast.guitar.tokens()
      const challenged = await rawCall({ uri, accessToken, proof: buildRawProof(cast.guitarKey, { uri, accessToken }, undefined) })
      expectThat(
        challenged.status === 401 && challenged.challenge.includes('use_dpop_nonce') && challenged.nonce !== undefined,
        'a nonce challenge',
        challenged,
      )
      const answer = await cast.guitar.fetch(uri)
      const body = await answer.text()
      expectThat(answer.status === 200, '200 with the nonce answered', body)
      return [show(anonymous), show(challenged), `200 ${body.slice(0, 120)} ...`]
    },
  },
  {
    name: 'A thief uses the stolen token',
    told: 'refused: the thief has the token, but not the key in it',
    async play(cast) {
      const call = { uri: tuningOf(cast), accessToken: (await cast.guitar.tokens()).access_token }
      const thief = createKey()
      const nonce = await fetchNonce(thief, call)
      const stolen = await rawCall({ ...call, proof: buildRawProof(thief, call, nonce) })
      expectThat(stolen.status === 401 && stolen.challenge.includes('invalid_token'), '401 invalid_token for another key', stolen)
      const bare = await rawCall(call)
      expectThat(bare.status === 401, '401 without any proof', bare)
      return [`with the thief's own key: ${show(stolen)}`, `without a proof: ${show(bare)}`]
    },
  },
  {
    name: 'An eavesdropper replays a proof',
    told: 'the first use passes, the second is refused',
    async play(cast) {
      const call = { uri: tuningOf(cast), accessToken: (await cast.guitar.tokens()).access_token }
      const proof = buildRawProof(cast.guitarKey, call, await fetchNonce(cast.guitarKey, call))
      const first = await rawCall({ ...call, proof })
      const second = await rawCall({ ...call, proof })
      expectThat(first.status === 200, '200 for the first use', first)
      expectThat(second.status === 401 && second.challenge.includes('invalid_dpop_proof'), '401 invalid_dpop_proof for the second', second)
      return [`first: ${first.status}`, `second: ${show(second)}`]
    },
  },
]

export function show(answer: RawAnswer): string {
  return `${answer.status} ${answer.challenge.replace(/ticket="[^"]*"/, 'ticket="..."')}`.trim()
}
