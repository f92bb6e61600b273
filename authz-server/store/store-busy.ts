// The fault of a database that stayed locked for longer than a write waits. Answered with 503 and Retry-After; nothing was written.

export class StoreBusy extends Error {
  constructor(cause: unknown) {
    super('the database stayed locked by another process', { cause })
    this.name = 'StoreBusy'
  }
}
