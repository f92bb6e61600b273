// How a story is played: in order, each step judged, and no step after one that came out otherwise.
import { expect, test } from 'vitest'
import { expectThat, playStory, type StepOutcome, type StoryStep } from '../../../examples/dev-world/story/story-step.ts'

function step(name: string, play: () => Promise<readonly string[]>): StoryStep<undefined> {
  return { name, told: `${name} is told`, play }
}

test('plays every step in order and gives back what was seen', async () => {
  const shown: [string, number][] = []
  const steps = [step('one', async () => ['a']), step('two', async () => [])]
  const outcomes = await playStory(steps, undefined, (outcome, number) => shown.push([outcome.name, number]))
  expect(outcomes).toMatchObject([
    { name: 'one', told: 'one is told', ok: true, seen: ['a'] },
    { name: 'two', ok: true, seen: [] },
  ])
  expect(shown).toEqual([
    ['one', 1],
    ['two', 2],
  ])
})

test.each([
  { title: 'throws', play: () => Promise.reject(new Error('broken')), seen: 'broken' },
  {
    title: 'sees something else than told',
    play: async () => {
      expectThat(false, '200', { status: 403 })
    },
    seen: '200; instead: {"status":403}',
  },
])('stops at the step that $title', async ({ play, seen }) => {
  const outcomes: StepOutcome[] = []
  await playStory([step('bad', play as () => Promise<never>), step('never', async () => [])], undefined, (outcome) => outcomes.push(outcome))
  expect(outcomes).toMatchObject([{ name: 'bad', ok: false, seen: [seen] }])
})
