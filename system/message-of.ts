// What a fault says, for a line of a log.

export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : 'unknown fault'
}
