// Ends work that would take too long: what a thousand rules mean together can take minutes to work out. It undoes nothing, so the work must only read.
import { runInNewContext } from 'node:vm'

/** Undefined if it did not come to its end. */
export function withinTime<Value extends object>(work: () => Value, milliseconds: number): Value | undefined {
  let value: Value | undefined
  const run = () => {
    value = work()
  }
  try {
    // The one way to end synchronous work in its own thread. The text is fixed; nothing of a caller is evaluated.
    runInNewContext('work()', { work: run }, { timeout: milliseconds })
    return value
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined
    throw error
  }
}

/** Far below the limit of a job, so that the answer can say what took too long. A household of 20 people, 50 things and 200 rules takes less than half of it. */
const TOOL_MILLISECONDS = 1000

export function withinToolTime<Value extends object>(work: () => Value): Value | undefined {
  return withinTime(work, TOOL_MILLISECONDS)
}
