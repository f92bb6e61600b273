// The third act: Bob asks for Alice's data, Alice answers in part, and her rules decide each call from then on.
import { isJsonObject } from '../../../protocol/encoding.ts'
import { ALL_DAY } from '../household.ts'
import { textOf } from '../page-visitor.ts'
import { type Cast, required, tuningOf } from './cast.ts'
import { confirmPairing, startPairing } from './pairing-steps.ts'
import { expectThat, type StoryStep } from './story-step.ts'

/** How long an enforcement may take before the story calls it a failure. */
const ENFORCED_WITHIN_MILLISECONDS = 5000

export const SHARING_STEPS: readonly StoryStep<Cast>[] = [
  {
    name: 'Alice writes her rules',
    told: 'the band may ask to read and to play; where the guitar is stays hidden',
    async play({ alice, rules }) {
      await save(alice, rules)
      return rules.trim().split('\n')
    },
  },
  {
    name: 'Bob pairs his app by the same kind of code',
    told: 'the app can speak for Bob, with a key of its own',
    async play({ bob, bobsApp, ending }) {
      await bob.signIn()
      const { code, ended } = await startPairing(bobsApp, { scope: 'openid', signal: ending })
      const lines = await confirmPairing(bob, code)
      const paired = await ended
      expectThat(paired.ok && paired.value.id_token !== undefined, 'the app is paired and has an ID token', paired)
      return lines
    },
  },
  {
    name: "Bob's app asks for Alice's guitar",
    told: '401 with a ticket, and the owner is asked: the request is in her inbox',
    async play(cast) {
      const submitted = new Promise<number>((resolve, reject) => {
        const access = cast.bobsApp.requestAccess({
          uri: tuningOf(cast),
          scope: 'read play',
          onSubmitted: ({ afterSeconds }) => resolve(afterSeconds),
          patienceSeconds: 60,
          signal: cast.ending,
        })
        cast.remembered.access = access
        access.then((answer) => reject(new Error(`the owner was not asked: ${answer.ok ? answer.value.status : JSON.stringify(answer.error)}`)), reject)
      })
      const afterSeconds = await submitted
      const inbox = textOf((await cast.alice.openInbox()).html)
      expectThat(inbox.includes('bob@example.test'), "Bob's request is in Alice's inbox", inbox)
      return [`request_submitted: asking again in ${afterSeconds} s`, `inbox: ${inbox.slice(0, 200)} ...`]
    },
  },
  {
    name: 'Alice approves a part of it',
    told: 'reading yes, playing no; the answer becomes a share in her rules',
    async play({ alice, rules }) {
      await alice.approve(['read'])
      const after = await alice.readRules()
      expectThat(after.trim() !== rules.trim() && after.length > rules.length, 'the rules have a new share', after)
      return ['her rules now:', ...after.trim().split('\n')]
    },
  },
  {
    name: 'Bob gets his answer, without what is hidden',
    told: '200 with the tuning; the location and the e-mail address are gone',
    async play(cast) {
      const access = await required(cast.remembered.access, 'request of Bob')
      expectThat(access.ok && access.value.status === 200, "Bob's app is let through", access.ok ? access.value.status : access.error)
      const seen: unknown = await access.value.json()
      const whole: unknown = await (await fetch(`${cast.addresses.upstream}/guitars/guitar-0042/tuning`)).json()
      expectThat(isJsonObject(seen) && isJsonObject(whole), 'both answers are objects', seen)
      expectThat(!('location' in seen) && isJsonObject(seen['owner']) && !('email' in seen['owner']), 'the hidden fields are gone', seen)
      expectThat(JSON.stringify(seen['tuning']) === JSON.stringify(whole['tuning']), 'the rest is untouched', seen)
      return [`the API says: ${JSON.stringify(whole)}`, `Bob sees:     ${JSON.stringify(seen)}`]
    },
  },
  {
    name: 'Alice changes the hours, and the same call is refused',
    told: 'refused with its reason, a moment after the rule was saved, with the token that worked before',
    async play(cast) {
      const other = hoursWithoutNow(new Date())
      const save = await editHours(cast, other, 403)
      expectThat(JSON.stringify(save.body).includes('not_these_hours'), 'the reason is the hours', save.body)
      return [`between: "${other}"`, `403 ${JSON.stringify(save.body)}`, ...save.times]
    },
  },
  {
    name: 'Alice edits the rule again, and it is enforced',
    told: 'the same call passes again, a moment after the save',
    async play(cast) {
      const edited = await editHours(cast, ALL_DAY, 200)
      return [`between: "${ALL_DAY}"`, ...edited.times]
    },
  },
]

interface Edited {
  readonly body: unknown
  readonly times: readonly string[]
}

/** Saves new hours through the page and calls again and again until the sidecar answers as it should. */
async function editHours(cast: Cast, between: string, expectedStatus: number): Promise<Edited> {
  const rules = await cast.alice.readRules()
  const started = performance.now()
  await save(cast.alice, rules.replaceAll(/between: *"?[\d:]+-[\d:]+"?/g, `between: "${between}"`))
  const saved = performance.now()
  for (;;) {
    const answer = await cast.bobsApp.requestAccess({ uri: tuningOf(cast), patienceSeconds: 1 })
    const now = performance.now()
    const status = answer.ok ? answer.value.status : 0
    const body: unknown = answer.ok ? await answer.value.json().catch(() => undefined) : answer.error
    if (status === expectedStatus) return { body, times: [`saved in ${ms(started, saved)}, enforced ${ms(saved, now)} after that`] }
    expectThat(now - saved < ENFORCED_WITHIN_MILLISECONDS, `${expectedStatus} within ${ENFORCED_WITHIN_MILLISECONDS} ms`, { status, body })
  }
}

async function save(person: Cast['alice'], rules: string): Promise<void> {
  const page = await person.saveRules(rules)
  expectThat(page.status < 400, 'the rules are saved', textOf(page.html))
}

/** One hour of the day, in Paris, that is far from now whatever the season. */
export function hoursWithoutNow(now: Date): string {
  return now.getUTCHours() < 12 ? '20:00-21:00' : '07:00-08:00'
}

export function ms(from: number, to: number): string {
  return `${Math.round(to - from)} ms`
}
