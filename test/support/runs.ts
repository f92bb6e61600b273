// How often a property is tried: a quick look at each push, a long one in `npm run test:long`. fast-check prints its random seed when one fails.

const ON_PUSH = 500
const given = Number(process.env['LATCHKEY_PROPERTY_RUNS'])
/** More than a push makes: the long run. */
export const IS_LONG_RUN = given > ON_PUSH

/** Runs of a property. `share`: where one run is dear, only this part of the usual number. */
export function propertyRuns(share = 1): number {
  return Math.max(1, Math.round((given > 0 ? given : ON_PUSH) * share))
}

/** A time limit that fits the number of runs. */
export function propertyTimeoutMilliseconds(shortRunMilliseconds = 240_000): number {
  return Math.max(1, propertyRuns() / ON_PUSH) * shortRunMilliseconds
}
