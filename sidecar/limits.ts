// Every limit of the sidecar that is not in its configuration, in one place, each with its reason.

/** Node's own limit of the whole request head. */
export const HEAD_MAX_BYTES = 16_384
/** More header lines than any client of ours sends; Node would drop lines past its own count but obey their framing. */
export const HEADER_MAX_LINES = 100
/** Longest request target; longer is 414. */
export const TARGET_MAX_BYTES = 8192
/** From the first byte of a connection, or of a further request, to the end of its head. */
export const HEAD_TIMEOUT_MILLISECONDS = 10_000
/** How often Node looks for connections past their time; its default of 30 s would make every limit 30 s. */
export const CONNECTIONS_CHECK_MILLISECONDS = 1_000
/** Above the 60 s that common load balancers keep a connection. */
export const KEEP_ALIVE_MILLISECONDS = 65_000
/** Then the connection is closed in good order, so that none lives for ever. */
export const REQUESTS_PER_CONNECTION = 1_000
/** Requests read ahead on one connection before it is no longer read. */
export const PIPELINE_MAX_WAITING = 16
/** 10,000 idle devices and room for others. */
export const CONNECTIONS_MAX = 20_000
/** Requests being forwarded at once; more are answered 503. */
export const FORWARDS_MAX = 10_000
/** Connections to the upstream. */
export const UPSTREAM_CONNECTIONS_MAX = 1_024
/** Below the 5 s after which Node and many other servers close an idle connection. */
export const UPSTREAM_KEEP_ALIVE_MILLISECONDS = 4_000
export const UPSTREAM_CONNECT_MILLISECONDS = 5_000
/** An upstream's response head. */
export const UPSTREAM_HEAD_MAX_BYTES = 32_768
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
/** Below the 5 s within which all is to be normal again after the authz server came back. */
export const FEED_RETRY_MAX_MILLISECONDS = 4_000
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
/** Addresses whose ticket budget is remembered. */
export const TICKET_ADDRESSES_MAX = 10_000
/** How often open forwards are looked at for tokens that expired and rules that changed with time. */
export const RECHECK_MILLISECONDS = 500
/** What the audit log may hold back while its sink is slow; more is dropped and counted. */
export const AUDIT_BUFFER_MAX_BYTES = 4 * 1024 * 1024
/** How long requests in flight may go on after a request to stop. */
export const DRAIN_MILLISECONDS = 9_000
