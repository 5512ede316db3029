import type { DurationMs } from "./units.ts";

/**
 * The numbers both ends of the wire must agree on. Limits of one program alone live in that program.
 * No schema here: the agent's and the dashboard's bundles take this file and stay small.
 */

/** Name and version of the agent's own protocol, in every envelope. */
export const PROTOCOL = "nephos/1";

/** One POST body. 100 samples of 250 series are about 700 KB. */
export const BODY_BYTES_MAX = 1_000_000;
/** One message on an agent's socket. */
export const AGENT_FRAME_BYTES_MAX = BODY_BYTES_MAX;
/** Envelope > samples > sample > metrics: four deep; the rest is room for what a later version adds. */
export const BODY_DEPTH_MAX = 8;
export const SAMPLES_PER_ENVELOPE_MAX = 100;
/** A machine with 24 disks, 16 mounts and 8 interfaces sends about 330 series. */
export const SERIES_PER_SAMPLE_MAX = 500;
/** Custom metrics (keys with their dimension) one instance may ever have: cardinality is what ruins a monitor's bill. */
export const CUSTOM_SERIES_PER_INSTANCE_MAX = 100;

export const INSTANCE_ID_LENGTH_MAX = 128;
export const INSTANCE_NAME_LENGTH_MAX = 128;

/** Beyond this the agent's clock is wrong, not slow, and the server's decides. */
export const CLOCK_SKEW_MAX_MS: DurationMs = 24 * 3_600_000;
/** An agent may hand in samples it kept while the edge was away; older ones than this are no longer history but a fault. */
export const SAMPLE_AGE_MAX_MS: DurationMs = 7 * 24 * 3_600_000;
/** A sample cannot be from later than its envelope; a minute forgives a clock stepped between the two. */
export const SAMPLE_AHEAD_MAX_MS: DurationMs = 60_000;

export const INTERVAL_DEFAULT_MS: DurationMs = 30_000;
export const INTERVAL_MIN_MS: DurationMs = 1_000;
export const INTERVAL_MAX_MS: DurationMs = 3_600_000;

/** Silence of three intervals: one lost sample is no news, three are. */
export const STALE_AFTER_INTERVALS = 3;

/** How often a check may look, and how long it may wait for an answer. */
export const CHECK_INTERVAL_MIN_MS: DurationMs = 30_000;
export const CHECK_INTERVAL_MAX_MS: DurationMs = 3_600_000;
export const CHECK_TIMEOUT_MIN_MS: DurationMs = 500;
export const CHECK_TIMEOUT_MAX_MS: DurationMs = 15_000;
export const CHECK_HEADERS_MAX = 20;
export const CHECK_BODY_LENGTH_MAX = 10_000;
/** Every check's id, and with it the name of its series, begins so; no agent may call its instance that. */
export const CHECK_ID_PREFIX = "check:";

/** What a chart may ask for in one call. */
export const SERIES_KEYS_PER_QUERY_MAX = 60;
export const SERIES_POINTS_MAX = 2_000;
/** The longest retention there can be, and a few days. */
export const SERIES_WINDOW_MAX_MS: DurationMs = 1_830 * 24 * 3_600_000;
/** Instances in one comparison, and their series in all: each is a line on one chart. */
export const SERIES_INSTANCES_PER_QUERY_MAX = 50;
export const SERIES_PER_COMPARISON_MAX = 200;
/** Blocks one call may read: beyond it the answer would take seconds. */
export const SERIES_BLOCKS_PER_QUERY_MAX = 4_000;

/** How long history is kept, in days, by tier: what it is at first, and the bounds of the setting. */
export const RETENTION_DAYS = {
  raw: { default: 3, min: 1, max: 30 },
  fiveMinutes: { default: 30, min: 2, max: 366 },
  hour: { default: 730, min: 8, max: 1_826 },
} as const;

/** While somebody looks at an instance its agent sends so often; these readings are shown and not stored. */
export const WATCH_INTERVAL_MS: DurationMs = 1_000;
/** An agent that is not told again stops by itself. The edge tells again with every tick of two minutes. */
export const WATCH_LEASE_MS: DurationMs = 5 * 60_000;

/** What somebody chooses as a password: a few words are easy to keep in mind. */
export const PASSWORD_LENGTH_MIN = 12;
/** Machines one enrolment token may bring in, and how long it may be good for. */
export const ENROLMENT_USES_MAX = 1_000;
export const ENROLMENT_HOURS_MAX = 24 * 30;
/** Tags of one instance, and of what a person is limited to. */
export const TAGS_MAX = 20;
export const TAG_PATTERN = /^[a-z0-9][a-z0-9._:/-]{0,47}$/;
/** Entries of the audit log in one reply. */
export const AUDIT_PAGE_ENTRIES_MAX = 100;

/** Version of the messages between shard and browser (`live.ts`). */
export const LIVE_VERSION = 1;
/** A viewer's sign of life, answered by the runtime itself, so that it wakes nobody. */
export const PING = "ping";
export const PONG = "pong";
/** Close code of our own: the session ended; sign in again, do not retry. */
export const CLOSE_SESSION_ENDED = 4401;
/** Close codes to an agent, after an `error` message that says what and what to do: refused, and its token no longer good. */
export const CLOSE_REFUSED = 4400;
export const CLOSE_TOKEN_REVOKED = 4403;

/** What a fleet card shows of the past, and how closely: 30 points are what fits on it. */
export const TAIL_WINDOW_MS: DurationMs = 30 * 60_000;
export const TAIL_STEP_MS: DurationMs = 60_000;
