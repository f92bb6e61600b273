// The messages between a limited thread and the thread that started it. A type only.

/** To the thread. */
export type ToThread =
  | { readonly kind: 'job'; readonly id: number; readonly job: unknown }
  | { readonly kind: 'reply'; readonly callId: number; readonly value: unknown }
  | { readonly kind: 'refusal'; readonly callId: number; readonly message: string }

/** From the thread. */
export type FromThread =
  /** `threadId` as the system numbers it, where the system says. */
  | { readonly kind: 'ready'; readonly threadId: number | undefined }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  /** The job threw; the thread goes on. */
  | { readonly kind: 'fault'; readonly id: number; readonly message: string }
  /** The job needs something of its host, such as a row of the database. */
  | { readonly kind: 'call'; readonly callId: number; readonly name: string; readonly argument: unknown }
