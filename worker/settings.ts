import type { DurationMs } from "../contract/units.ts";

/** Every tunable of the Worker: value, unit and reason. What both ends of the wire must know is in `contract/limits.ts`. */

/** A sign-in link is typed by nobody and opened at once; a quarter of an hour forgives a cold browser. */
export const SIGN_IN_LINK_TTL_MS: DurationMs = 15 * 60_000;
/** The dashboard hangs on a wall for weeks; a month is the usual patience with a session. */
export const SESSION_TTL_MS: DurationMs = 30 * 24 * 3_600_000;
/** How long an isolate may take a token as known before it asks the shard again. The shard itself always knows. */
export const KNOWN_TOKEN_TTL_MS: DurationMs = 60_000;
/** Tokens an isolate remembers; the oldest goes first. 32 bytes of hash each. */
export const KNOWN_TOKENS_MAX = 10_000;
/** Last use of a token is for people to read: one written row an hour is enough. */
export const TOKEN_USE_WRITE_EVERY_MS: DurationMs = 3_600_000;

/** One D1 statement takes at most 2 MB of bound text; rows are a few kB. */
export const COMMIT_BYTES_MAX = 1_500_000;
/** Beyond 1,000 rows a statement gets no faster, and the samples in it wait longer. */
export const COMMIT_ROWS_MAX = 1_000;
/**
 * When more than so many writers shared the last commit, the next waits until as many have come again, at most this long.
 * A lone sample never waits. Viewers do not wait either: they are shown a sample before it is committed.
 */
export const COMMIT_GATHER_ABOVE = 3;
export const COMMIT_GATHER_MS: DurationMs = 15;
/** Samples that may wait for a commit before the shard says "slow down": 60 MB of an object's 128. */
export const COMMIT_QUEUE_BYTES_MAX = 60_000_000;

/**
 * The journal is packed when it has this many rows or bytes, whichever is first; until then every reader of history looks
 * through it. 4 MB are some 3,000 samples of a real machine.
 */
export const JOURNAL_SLOTS_MAX = 1_000;
export const JOURNAL_BYTES_MAX = 4_000_000;
/** A tick packs what has waited this long: ten samples of an instance in one row at the usual interval. */
export const JOURNAL_AGE_MAX_MS: DurationMs = 5 * 60_000;
/** After a failure to pack, the next commits go on without trying again for so long. */
export const PACK_AGAIN_AFTER_MS: DurationMs = 30_000;

/** At most one merged frame a second to each viewer: an eye sees no more. */
export const FRAME_EVERY_MS: DurationMs = 1_000;
/** Viewers per shard; the platform's own limit is 32,768 sockets, agents included. */
export const VIEWERS_MAX = 2_000;

/** How long single samples are kept. */
export const SAMPLE_RETENTION_MS: DurationMs = 3 * 24 * 3_600_000;
/** Deleting is paid by the row and blocks the database: a tick removes so many at most, and carries on at the next. */
export const RETENTION_BLOCKS_PER_TICK_MAX = 5_000;
/** A gap is what is longer than this many intervals: one late sample is none. */
export const GAP_AFTER_INTERVALS = 2.5;
/** Series seen within this are offered as charts. */
export const SERIES_KEYS_WINDOW_MS: DurationMs = 24 * 3_600_000;
/** Health is public: a stranger may cost us one row read in so many milliseconds, not one each time. */
export const HEALTH_CACHE_MS: DurationMs = 10_000;
/** Ticks come every two minutes; after three without one the monitor itself is not well. */
export const TICK_LATE_AFTER_MS: DurationMs = 6 * 60_000;
