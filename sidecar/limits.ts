// Every limit of the sidecar that is not in its configuration, in one place, each with its reason.

export { HEADER_MAX_LINES, TARGET_MAX_CHARACTERS as TARGET_MAX_BYTES } from '../system/http/strict-server.ts'

/** Requests read ahead on one connection before it is no longer read. */
export const PIPELINE_MAX_WAITING = 16
/** Requests being forwarded at once; more are answered 503. */
export const FORWARDS_MAX = 10_000
/** Connections to the upstream. */
export const UPSTREAM_CONNECTIONS_MAX = 1_024
/** Below the 5 s after which Node and many other servers close an idle connection. */
export const UPSTREAM_KEEP_ALIVE_MILLISECONDS = 4_000
export const UPSTREAM_CONNECT_MILLISECONDS = 5_000
/** An upstream's response head. */
export const UPSTREAM_HEAD_MAX_BYTES = 32_768
/** Interim responses (1xx) before the final one. */
export const UPSTREAM_INTERIM_MAX = 100
/** The extensions of one chunk, and all trailers of a response. */
export const UPSTREAM_CHUNK_LINES_MAX_BYTES = 16_384
/** After the sidecar has closed its side: how long it reads what a caller still sends, so that the caller can read the response. As nginx does by default. */
export const LINGER_MILLISECONDS = 30_000
/** The same for a caller that sends nothing any more. */
export const LINGER_IDLE_MILLISECONDS = 5_000
/** Answers in which something is hidden, left out or made coarser are held whole in memory. */
export const TRANSFORM_MAX_BYTES = 1024 * 1024
/** All such answers at once: 64 of the longest, or 6,000 of a usual size. More are answered 503. */
export const TRANSFORMS_HELD_MAX_BYTES = 64 * 1024 * 1024
/** Levels of such an answer; real ones have under 20, and each costs stack. */
export const TRANSFORM_MAX_DEPTH = 512
/** Values of such an answer, times the ways over it that the owner's rules need: about a third of a second in which nobody else is served. */
export const TRANSFORM_MAX_VISITS = 4_000_000
/** How often shares were used: counters kept, about 200 bytes each. When all are live, further limited requests are answered 503. */
export const LIMIT_COUNTERS_MAX = 100_000
/** Of one owner, so that one share for everybody cannot use up the room of all. Their file is written whole, about 1 MB at most. */
export const LIMIT_COUNTERS_PER_OWNER_MAX = 10_000
/** Verified tokens kept, about 2 KB each. */
export const TOKEN_CACHE_ENTRIES = 10_000
/** Imported keys kept, about 1 KB each. */
export const KEY_CACHE_ENTRIES = 10_000
/** Policies kept ready in memory, about 0.5 MB each. */
export const POLICIES_LOADED_MAX = 256
/** How often a verdict starts again because the feed changed while it waited; after that the answer is 503. */
export const JUDGE_ROUNDS_MAX = 8
/** Policies fetched at once because they changed; a long absence may bring a thousand changes. */
export const POLICIES_LOADED_AHEAD_AT_ONCE = 4
export const ARTIFACT_MAX_BYTES = 16 * 1024 * 1024
/** A call to the authz server that a caller waits for. */
export const AUTHZ_CALL_MILLISECONDS = 1_000
/** A call that nobody waits for: snapshots, artifacts, keys. */
export const FEED_CALL_MILLISECONDS = 30_000
/** A stream that is silent for three heartbeats is dead. */
export const FEED_SILENCE_MILLISECONDS = 15_000
export const FEED_RETRY_FIRST_MILLISECONDS = 100
/** What a restored authz server says has to be in force 2 s after it is back. */
export const FEED_RETRY_MAX_MILLISECONDS = 1_000
/** How long a start waits for the authz server before it decides by the state on disk. */
export const FEED_FIRST_ASK_MILLISECONDS = 3_000
/** One change of the stream. A snapshot may be longer. */
export const FEED_EVENT_MAX_BYTES = 4 * 1024 * 1024
/** The body that says why a stream cannot go on. */
export const FEED_REFUSAL_MAX_BYTES = 4_096
/** Any other JSON that the authz server answers with: a token, a ticket. */
export const AUTHZ_JSON_MAX_BYTES = 65_536
/** One file of the data directory: a snapshot, the changes after it, and room. */
export const DATA_FILE_MAX_BYTES = 256 * 1024 * 1024
/** The signed clock of a message may be ahead of ours by this much. */
export const FEED_AHEAD_SECONDS = 60
/** The state file is written this long after a change, so that a burst is one write. */
export const STATE_WRITE_DELAY_MILLISECONDS = 200
/** After so many changes the state file starts again from a snapshot. */
export const STATE_MAX_CHANGES = 1_000
export const KEYS_FETCH_COOL_DOWN_SECONDS = 30
export const KEYS_MAX_BYTES = 65_536
/** Failures in a row after which the authz server is left alone for a while. */
export const BREAKER_FAILURES = 5
export const BREAKER_OPEN_SECONDS = 5
/** Tickets that one address may have: a burst, then a steady rate. */
export const TICKET_BURST = 60
export const TICKETS_PER_SECOND = 2
export const TICKETS_IN_FLIGHT_MAX = 64
/** Callers whose ticket budget is remembered. */
export const TICKET_CALLERS_MAX = 10_000
/** How often open forwards are looked at for tokens that expired and rules that changed with time. */
export const RECHECK_MILLISECONDS = 500
/** What the audit log may hold back while its sink is slow; more is dropped and counted. */
export const AUDIT_BUFFER_MAX_BYTES = 4 * 1024 * 1024
/** How long requests in flight may go on after a request to stop, unless the configuration says otherwise. Docker kills after 10 s. */
export const DRAIN_DEFAULT_SECONDS = 8
/** Of that time, what is kept for closing files, threads and connections of our own. */
export const CLOSE_MILLISECONDS = 500
