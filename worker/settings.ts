import type { DurationMs } from "../contract/units.ts";

/** Every tunable of the Worker: value, unit and reason. What both ends of the wire must know is in `contract/limits.ts`. */

/** A sign-in link is typed by nobody and opened at once; a quarter of an hour forgives a cold browser. */
export const SIGN_IN_LINK_TTL_MS: DurationMs = 15 * 60_000;
/** The dashboard hangs on a wall for weeks; a month is the usual patience with a session. */
export const SESSION_TTL_MS: DurationMs = 30 * 24 * 3_600_000;
/** A browser that nobody has looked from for a week is not coming back; the dashboard on the wall asks every few hours. */
export const SESSION_IDLE_MS: DurationMs = 7 * 24 * 3_600_000;
/** For so long after signing in the ways to sign in may be changed: a browser left open is not enough. */
export const SESSION_FRESH_MS: DurationMs = 3_600_000;
/** The cookie's secret changes daily, and the one before is good for requests under way and for an answer that got lost. */
export const SESSION_ROTATE_EVERY_MS: DurationMs = 24 * 3_600_000;
export const SESSION_ROTATE_GRACE_MS: DurationMs = 5 * 60_000;
/** When a session was last seen is for people to read and for its idle end: one written row an hour is enough. */
export const SESSION_SEEN_WRITE_EVERY_MS: DurationMs = 3_600_000;
/** Sessions of one person; the one not seen for longest ends when another begins. */
export const SESSIONS_PER_PERSON_MAX = 50;

/** Requests a minute from one sender, or with one token. `binding` is the platform's counter, in wrangler.toml. */
export const LIMIT_WINDOW_MS: DurationMs = 60_000;
export const LIMITS = {
  /** Knocking at a way in. A person needs three requests; an office behind one address has some persons. */
  door: { max: 60, binding: "LIMIT_DOOR" },
  /** Credentials that are none: guesses, and machines that were never told their token was revoked. */
  refused: { max: 60, binding: "LIMIT_REFUSED" },
  /** Enrolling: a hundred machines behind one address start at once when somebody's script does. */
  enrol: { max: 120, binding: "LIMIT_ENROL" },
  /** A program that reads the API five times a second asks too much of a dashboard. */
  apiToken: { max: 300, binding: "LIMIT_API_TOKEN" },
} as const;
/** An agent sends once a second at most, and catches up 100 samples at a time: beyond this a sender is broken. In the shard. */
export const INGESTS_PER_TOKEN_PER_MINUTE_MAX = 600;

/** Refusals of one kind that are written into the audit log in a minute: a stranger must not fill it, nor use up the day's rows. */
export const AUDIT_REFUSALS_PER_MINUTE_MAX = 10;
/** One CSV file; more is asked for by time. */
export const AUDIT_EXPORT_ENTRIES_MAX = 10_000;
/** How long the audit log is kept where `AUDIT_RETENTION_DAYS` says nothing; never less than the database itself insists on. */
export const AUDIT_RETENTION_DAYS_DEFAULT = 365;
export const AUDIT_RETENTION_DAYS_MIN = 30;
/** Old entries a day removes at most. */
export const AUDIT_ENTRIES_PER_DAY_MAX = 10_000;

/** A step of signing in (a challenge, a code, a way through an identity provider) is finished in minutes or not at all. */
export const SIGN_IN_STEP_TTL_MS: DurationMs = 10 * 60_000;
/** A browser that has signed in as somebody is known as theirs for so long: strangers cannot lock it out. */
export const KNOWN_BROWSER_TTL_MS: DurationMs = 180 * 24 * 3_600_000;
/** scrypt (RFC 7914) by OWASP's measure: N = 2^14, r = 8, p = 5. 16 MB and about a quarter of a second of one core. */
export const SCRYPT = { log2N: 14, r: 8, p: 5, keyBytes: 32, saltBytes: 16 } as const;
/** Passwords that may wait to be checked, one at a time: eight take two seconds, and nobody waits longer. */
export const PASSWORD_QUEUE_MAX = 8;
/** Of them strangers may take so many places: the rest is for browsers that have signed in before. */
export const PASSWORD_QUEUE_STRANGERS_MAX = 4;
/** Checks a minute for all strangers together: bounds what an attack costs in a day (21,600 checks, 690 GB-s of 13,000). */
export const PASSWORD_CHECKS_PER_MINUTE_MAX = 15;
/** Wrong passwords or codes in a quarter of an hour: of one account, and of one sender. */
export const WRONG_PER_ACCOUNT_MAX = 10;
export const WRONG_PER_SENDER_MAX = 20;
export const WRONG_WINDOW_MS: DurationMs = 15 * 60_000;
/** Fits on a slip of paper. */
export const RECOVERY_CODES = 10;
export const PASSKEYS_PER_PERSON_MAX = 20;
export const API_TOKENS_PER_PERSON_MAX = 50;
export const INVITATIONS_MAX = 200;
export const PEOPLE_MAX = 1_000;
/** What the sign-in page offers changes seldom, and strangers may ask. */
export const SIGN_IN_OFFERS_CACHE_MS: DurationMs = 10_000;
/** Another's server is asked while somebody waits. */
export const OUTSIDE_TIMEOUT_MS: DurationMs = 8_000;

/** Two machines with one token: said in the log at most so often for one instance. */
export const CLONE_TOLD_EVERY_MS: DurationMs = 3_600_000;
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
 * The journal's samples go into blocks when it has this many rows or bytes, whichever is first: a shard that starts reads it all.
 */
export const JOURNAL_SLOTS_MAX = 1_000;
export const JOURNAL_BYTES_MAX = 4_000_000;
/** Pages of a hundred rows that one event reads back: a journal that is full, and a fifth of what an invocation may ask on Free. */
export const JOURNAL_PAGES_PER_EVENT_MAX = 10;

/**
 * How often what an agent sent becomes its block: 144 written rows a day. It divides an hour, so that an hour's last write is at its
 * end. The agent keeps the samples until then, so rarer costs nothing but memory and patience.
 */
export const FLUSH_EVERY_MS: Record<"normal" | "saving" | "sparing", DurationMs> = {
  normal: 10 * 60_000,
  saving: 20 * 60_000,
  sparing: 60 * 60_000,
};
/** As often go the rounds of checks into theirs: a longer wait would only make the journal longer, which a waking shard reads. */
export const CHECK_FLUSH_EVERY_MS: DurationMs = 30 * 60_000;
/** Shares of a day's quota from which the shard saves, and spares. */
export const THRIFT_SHARES = { saving: 0.8, sparing: 0.95 } as const;
/** Samples in one message of an agent that nobody looks at, by thrift. No more than two: after three intervals it would look stale. */
export const SAMPLES_PER_MESSAGE = { normal: 1, saving: 2, sparing: 2 } as const;
/** Instances are written within so long of the common moment, each at its own: some 12 at a time. */
export const FLUSH_PHASE_MAX_MS: DurationMs = 3 * 60_000;
/** Readings packed at one go: about 50 ms of work, which is how long a live sample may have to wait. */
export const FLUSH_GROUP_VALUES_MAX = 20_000;
/** How often the shard looks whether a block is due. */
export const FLUSH_LOOK_EVERY_MS: DurationMs = 5_000;
/** Groups in one event: two or three statements each, where the Free plan allows 50 in an invocation. */
export const FLUSH_GROUPS_PER_EVENT_MAX = 16;
export const FLUSH_AGAIN_AFTER_MS: DurationMs = 15_000;
/** Readings that wait in memory at most, at 8 bytes and their share of a list: half of an object's 128 MB. */
export const TAIL_VALUES_MAX = 6_000_000;
/** Of one instance: ten minutes at a second each, of as many series as a sample may have. */
export const TAIL_VALUES_PER_INSTANCE_MAX = 400_000;
/** Bytes of one block: D1's row has 2 MB. An hour that is longer keeps every second sample. */
export const BLOCK_BYTES_MAX = 1_700_000;
/** From this share on everything is written at once; from half of it on, twice as often. */
export const CROWDED_SHARE = 0.75;

/** Rolls in one tick: batches of so many instances' quarter days, four statements each, of 50 that an invocation may ask on Free. */
export const ROLL_BATCHES_PER_TICK_MAX = 8;
export const ROLLS_PER_BATCH = 3;
/** A roll waits so long beyond the flush for stragglers; what comes later is rolled again. */
export const ROLL_DELAY_MS: DurationMs = 5 * 60_000;

/** Revoking a token ends its sockets at once; this is for a word that got lost on the way. */
export const TOKENS_LOOK_EVERY_MS: DurationMs = 3_600_000;
/** A message may wait on its way; a clock that is further off than it was when the agent said hello was set. */
export const CLOCK_STEPPED_MS: DurationMs = 60_000;
/** Agents' sockets of one shard; the platform's own limit is 32,768, viewers included. */
export const AGENT_SOCKETS_MAX = 20_000;
/** Sockets that one token may have open: an agent that comes back may not have been missed yet. */
export const AGENT_SOCKETS_PER_TOKEN_MAX = 4;
/** An agent says hello at once; who is silent so long is none. */
export const AGENT_HELLO_WITHIN_MS: DurationMs = 30_000;
/** Attachments are for a shard that falls asleep between two samples; one that hears from so many agents does not. */
export const MIRROR_AGENTS_MAX = 64;
export const MIRROR_EVERY_MS: DurationMs = 1_000;
/** Streams a socket remembers: the one it sends, and those of an outage or two. */
export const MIRROR_CURSORS_MAX = 16;
/** An answer to `resend` takes its time; until then nobody asks again. */
export const RESEND_ASKED_EVERY_MS: DurationMs = 10_000;
/** Series keys a shard has looked up; beyond it begins anew. */
export const SERIES_KEYS_KNOWN_MAX = 20_000;
/** A dashboard pings every 25 s; one that has not for so long is not looking any more. */
export const VIEWER_SILENT_AFTER_MS: DurationMs = 2 * 60_000;

/** A chart takes the coarsest blocks that still have this share of the points it asks for. */
export const POINTS_LEAST_SHARE = 0.25;
/** Rows of a CSV file; more is asked for by time. */
export const EXPORT_ROWS_MAX = 100_000;

/** The meter's counts are kept so often, and what an isolate has counted reaches the meter so often. */
export const METER_SAVE_EVERY_MS: DurationMs = 60_000;
export const USAGE_REPORT_EVERY_MS: DurationMs = 5 * 60_000;
/** Days of counts that are shown. */
export const USAGE_DAYS_KEPT = 31;
/** What Cloudflare reckons for a socket message, in its own example; here the least an event counts. */
export const OBJECT_EVENT_MIN_MS: DurationMs = 10;

/** At most one merged frame a second to each viewer: an eye sees no more. */
export const FRAME_EVERY_MS: DurationMs = 1_000;
/** Viewers per shard; the platform's own limit is 32,768 sockets, agents included. */
export const VIEWERS_MAX = 2_000;

/** Blocks past their time that a day removes at most, a fifth of what Free allows; all but a few are written over instead. */
export const EXPIRED_BLOCKS_PER_DAY_MAX = 20_000;
/** A gap is what is longer than this many intervals: one late sample is none. */
export const GAP_AFTER_INTERVALS = 2.5;
/** Series seen within this are offered as charts. */
export const SERIES_KEYS_WINDOW_MS: DurationMs = 24 * 3_600_000;
/** Health is public: a stranger may cost us one row read in so many milliseconds, not one each time. */
export const HEALTH_CACHE_MS: DurationMs = 10_000;
/** How often the sentinel ticks, as wrangler.toml says. */
export const TICK_EVERY_MS: DurationMs = 2 * 60_000;
/** Its steps are bounded, and come to less; what takes longer than this has lost an answer. */
export const TICK_HANGS_AFTER_MS: DurationMs = 10 * 60_000;
/** Secrets a tick seals with a new key: a few milliseconds of work. */
export const RESEALED_PER_TICK_MAX = 200;
/** Ticks come every two minutes; after three without one the monitor itself is not well. */
export const TICK_LATE_AFTER_MS: DurationMs = 6 * 60_000;
/** What another's server says is asked again after so long, or when this isolate ends. */
export const PROVIDER_DISCOVERY_CACHE_MS: DurationMs = 10 * 60_000;
/** A discovery document or a set of keys has some kB; who sends much more means no good. */
export const PROVIDER_ANSWER_BYTES_MAX = 256_000;
/** Clocks of two well-kept servers differ by less. */
export const OUTSIDE_CLOCK_TOLERANCE_SECONDS = 30;
/** A sign-in page with more buttons than this helps nobody. */
export const IDENTITY_PROVIDERS_MAX = 20;

/** One answer of a provider's API: 500 instances with all they say are about 700 kB; a zone list of a large project is more. */
export const PROVIDER_API_ANSWER_BYTES_MAX = 8_000_000;
export const PROVIDER_API_TIMEOUT_MS: DurationMs = 10_000;
/** Within one tick; the next one comes in two minutes anyway. */
export const PROVIDER_API_ATTEMPTS = 3;
export const PROVIDER_ACCOUNTS_MAX = 50;
/** Instances that one account may list: beyond it the rest is left out, and said. */
export const DISCOVERED_PER_ACCOUNT_MAX = 5_000;

/** Requests to others in one event: Free allows 50, the paid plan 10,000, of which nobody needs so many. */
export const OUTSIDE_REQUESTS_PER_EVENT_MAX = { free: 45, paid: 800 } as const;
/** Targets in one call of a prober: with redirects and the controls they stay below what one event may ask on Free. */
export const PROBES_PER_CALL = { free: 30, paid: 300 } as const;
/** Sockets a prober has open at once: the platform's own limit, beyond which it would queue and time would be counted wrongly. */
export const PROBES_AT_ONCE = 6;
/** How long one call of a prober may take; what was not reached by then is said. */
export const PROBER_CALL_MS: DurationMs = 40_000;
/** Of an answer's body so much is read. */
export const PROBE_BODY_BYTES_MAX = 256_000;
export const PROBE_REDIRECTS_MAX = 5;
export const CONTROL_TIMEOUT_MS: DurationMs = 3_000;
export const CHECKS_MAX = 5_000;

/** Rounds and verdicts are kept for so long. */
export const EVENTS_KEPT_MS: DurationMs = 400 * 86_400_000;
/** Events and verdicts a day removes at most. */
export const EVENTS_PER_DAY_MAX = 10_000;
export const EVENTS_SHOWN_MAX = 100;
/** A machine its provider lists no longer: shown for so long, then removed, or left to its agent. */
export const GONE_KEPT_MS: DurationMs = 7 * 86_400_000;
/** Each may take some hundred rows of history with it. */
export const GONE_PER_DAY_MAX = 100;
/** What a provider said is a witness for so long. */
export const CLOUD_FRESH_MS: DurationMs = 15 * 60_000;
/** How often the traffic of a machine is asked for, and for how many in one tick. */
export const BANDWIDTH_EVERY_MS: DurationMs = 6 * 3_600_000;
export const BANDWIDTH_PER_TICK_MAX = 15;
/** Checks that are made without anybody asking: on Free no more than its quotas hold. */
export const DEFAULT_CHECKS_MAX = { free: 100, paid: 5_000 } as const;
/** New instances whose ports are tried in one tick: three attempts each. */
export const DOORS_TRIED_PER_TICK_MAX = { free: 30, paid: 300 } as const;

/** A machine that has just been made opens its doors some minutes later. */
export const DOORS_TRIED_FOR_MS: DurationMs = 30 * 60_000;
/** A hostname at which Nephos was not used for so long is taken for somebody else's. */
export const HOSTNAME_KEPT_MS: DurationMs = 30 * 86_400_000;

/** How long each part of a tick may take, all together within the two minutes. */
export const STEP_BUDGET_MS = {
  discover: 30_000,
  bandwidth: 10_000,
  doors: 20_000,
  checks: 60_000,
  judge: 10_000,
  insights: 10_000,
  export: 20_000,
  usual: 10_000,
} as const;
/** What did not fit into its time goes on after so long, in an event of its own. */
export const CARRY_ON_AFTER_MS: DurationMs = 1_000;
/** Subjects whose day is stored in one tick: a row of up to 10 kB each. */
export const UPTIMES_PER_TICK_MAX = 150;
/** The address that hears of each good tick is somebody else's, and does not hold up the next. */
export const HEARTBEAT_TIMEOUT_MS: DurationMs = 5_000;
/** Calls of one heartbeat address in a minute. */
export const BEATS_PER_MINUTE_MAX = 30;

/** Of the original's addresses: instances one reply reads history of, and the hours it may tell of them, some 150 bytes each. */
export const ORIGINAL_INSTANCES_PER_PAGE_MAX = 50;
export const ORIGINAL_INSTANCES_PER_ANALYSIS_MAX = 20;
export const ORIGINAL_HOURS_PER_REPLY_MAX = 10_000;
/** Checks whose last round goes into the mean latency of the fleet. */
export const ORIGINAL_LATENCIES_MAX = 500;

/** Readings further apart than this, or than some intervals of their sender, are two stories and not one. */
export const READING_GAP_MIN_MS: DurationMs = 3 * 60_000;
/** A sample that comes later than this tells of the past: nothing fires by it. */
export const READING_LATE_MAX_MS: DurationMs = 5 * 60_000;
/** Silence is looked at twice, so far apart: a shard that has just begun again gives its agents the time to come back. */
export const SILENCE_CONFIRM_MS: DurationMs = 45_000;
/** What fired more often than this within an hour is flapping, and is over only when it has been well for so long. */
export const FLAPS_PER_HOUR = 3;
export const FLAP_KEEP_FIRING_MS: DurationMs = 15 * 60_000;
/** What comes back within this is the same incident. */
export const REOPEN_WITHIN_MS: DurationMs = 10 * 60_000;
/** What falls within so long of another at the same place fell with it. */
export const FALL_TOGETHER_MS: DurationMs = 2 * 60_000;
/** So many that break the same rule within that time are one storm, wherever they are. */
export const STORM_MEMBERS = 5;
/** Incidents in one write: its four statements take their rows as one text each, of at most 2 MB. */
export const INCIDENTS_PER_WRITE_MAX = 200;
export const MEMBERS_PER_WRITE_MAX = 5_000;
/** A write that failed is tried again after so long. */
export const INCIDENTS_AGAIN_AFTER_MS: DurationMs = 5_000;
/** And at the latest after this. */
export const AGAIN_AFTER_MAX_MS: DurationMs = 2 * 60_000;
/** Resolved incidents and what was told of them are kept for so long. */
export const INCIDENTS_KEPT_MS: DurationMs = 400 * 86_400_000;
export const INCIDENTS_PER_DAY_MAX = 500;
/** Readings that wait for the rules to be read; more are the past when they are. */
export const READINGS_WAITING_MAX = 20_000;

/** Forecasts of an instance: how often, over how much of its past, and how many machines in one tick. */
export const FORECAST_EVERY_MS: DurationMs = 2 * 3_600_000;
export const FORECAST_FROM_MS: DurationMs = 14 * 86_400_000;
export const FORECAST_POINTS = 300;
export const FORECASTS_PER_TICK_MAX = 50;

/** Insights: how often a machine is looked into, how many are at one go, and how many in one tick. */
export const INSIGHTS_EVERY_MS: DurationMs = 3_600_000;
/** Two statements and their findings; some 60 days of hours of 25 machines are 8 MB. */
export const INSIGHTS_PER_SLICE = 25;
export const INSIGHTS_PER_TICK_MAX = { free: 50, paid: 200 } as const;

/** Machines whose last readings are read at one go for it. */
export const LEARNING_PER_READ = 100;
/** And how many in all: three statements for each hundred, of 50 that an event may make on Free. */
export const LEARNING_MACHINES_MAX = { free: 600, paid: 5_000 } as const;

/** Of those that join an incident so many moments become one notification. */
export const MEMBERS_GATHER_MS: DurationMs = 60_000;
/** A send that takes longer is broken off: it may have arrived, and is tried again with the same id. */
export const SEND_TIMEOUT_MS: DurationMs = 10_000;
/** Whoever sends a notification has it for so long; after that it is taken for killed, and another sends it. */
export const SEND_LEASE_MS: DurationMs = 60_000;
/** Channels at once: the platform's limit of connections in one event. */
export const CHANNELS_AT_ONCE = 6;
/** Sends in one drain: a request and two or three statements each, of 50 that an event may make on Free. The rest goes on at once. */
export const SENDS_PER_DRAIN_MAX = 10;
/** Due notifications of one channel that are looked at in one drain; and how many a digest stands for. */
export const DUE_PER_CHANNEL_MAX = 1_000;
/** Between two tries: a random part of a span that doubles from the first to the last of these. */
export const SEND_AGAIN_MIN_MS: DurationMs = 5_000;
export const SEND_AGAIN_MAX_MS: DurationMs = 15 * 60_000;
/** A channel that has not worked for so long gets what is older than this no more: it is parked, for people to look at. */
export const SEND_TRIED_FOR_MS: DurationMs = 24 * 3_600_000;
/** So many passing failures in a row are a problem that other channels hear of. */
export const SEND_FAILURES_TOLD = 3;
/** Incidents told one by one to a channel within a minute; what is more becomes digests, with these pauses between them. */
export const SINGLE_INCIDENTS_MAX = 3;
export const SINGLE_INCIDENTS_WITHIN_MS: DurationMs = 60_000;
export const DIGEST_PAUSES_MS: readonly DurationMs[] = [30_000, 2 * 60_000, 5 * 60_000];
/** Incidents that a digest names; the rest it counts. */
export const DIGEST_NAMED_MAX = 30;
