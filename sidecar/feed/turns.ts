// Does one kind of work for many keys, a few at a time, in the order of asking; a key that waits already is not put in again. Never drops one.

/** `work` must not throw: what went wrong is its own to tell. */
export function createTurns(mostAtOnce: number, work: (key: string) => Promise<void>): (key: string) => void {
  const waiting = new Set<string>()
  let running = 0

  function next(): void {
    if (running >= mostAtOnce) return
    const [key] = waiting
    if (key === undefined) return
    waiting.delete(key)
    running += 1
    work(key).then(onDone, onDone)
  }

  function onDone(): void {
    running -= 1
    next()
  }

  return (key) => {
    waiting.add(key)
    next()
  }
}
