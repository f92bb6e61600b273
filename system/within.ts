// Waits for work that must not hold up what comes after it.

/** Resolves when the work has ended, well or badly, or when the time is over. Never rejects. */
export function settleWithin(milliseconds: number, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    const done = (): void => {
      clearTimeout(timer)
      resolve()
    }
    work.then(done, done)
  })
}
