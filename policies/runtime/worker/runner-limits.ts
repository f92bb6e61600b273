// Every limit of modules that run in worker threads, in one place, each with its reason.

/** Guardrails take some microseconds; what takes a thousand times as long is broken or an attack (design 8). */
export const DECISION_MILLISECONDS = 50
/** The first one runs code that is not compiled yet, perhaps on a machine that is busy starting. */
export const FIRST_DECISION_MILLISECONDS = 1_000
/** One may hold a module that does not end while the other answers. */
export const LANES = 2
/** While some are overdue, others take their place; no more than these. */
export const LANES_MAX = 3
/** An answer that is overdue has so many limits of time more before its thread is ended: a busy machine is late, a bomb never comes. With 3, threads that are stuck were measured to slow the others down. */
export const GRACE_FACTOR = 1
/** A thread starts in 20 ms; on a machine that is busy, longer. Then the module is unusable. */
export const LANE_START_MILLISECONDS = 5_000
/** Pages of 64 KiB: 32 MiB for one module in one thread. Inputs are capped at 64 KiB and grow about twentyfold in it. */
export const LANE_MEMORY_MAX_PAGES = 512
export const LANE_MEMORY_MIN_PAGES = 5
/** The thread itself holds an input, an answer, and formatters of time zones. */
export const LANE_HEAP_MEGABYTES = 32
export const LANE_YOUNG_HEAP_MEGABYTES = 8
export const LANE_STACK_MEGABYTES = 2
/** A decision with a hundred reasons is 10 KiB. */
export const ANSWER_MAX_BYTES = 64 * 1024
/** Requests that wait for a lane; at some microseconds each, more means that lanes are stuck. */
export const WAITING_MAX = 256
/** Requests that are under way already and are only looked at again; as many as the sidecar forwards at once, and some. */
export const PATIENT_MAX = 20_000
/** So often in a window may a module be ended by force; then it is not asked any more until it is loaded anew. */
export const KILLS_MAX = 5
export const KILLS_WINDOW_MILLISECONDS = 60_000
