import { z } from "zod";
import { CHECK_DEFAULTS, CHECK_KINDS, DNS_TYPES, HTTP_METHODS, TARGET_DEFAULTS } from "./check-kinds.ts";
import { epochMs, label, tags } from "./fields.ts";
import { instanceIdSchema } from "./ingest.ts";
import {
  CHECK_BODY_LENGTH_MAX,
  CHECK_HEADERS_MAX,
  CHECK_INTERVAL_MAX_MS,
  CHECK_INTERVAL_MIN_MS,
  CHECK_TIMEOUT_MAX_MS,
  CHECK_TIMEOUT_MIN_MS,
} from "./limits.ts";
import type { DurationMs } from "./units.ts";
import {
  judgementSchema,
  regionName,
  uptimeReportSchema,
  uptimeSchema,
  verdictName,
  witnessSchema,
} from "./verdict.ts";

export { CHECK_DEFAULTS, CHECK_KINDS, DNS_TYPES, HTTP_METHODS, type CheckKind } from "./check-kinds.ts";

/** Looking at a target from outside: what is asked, how often, and what is a good answer. */

const duration = (min: DurationMs, max: DurationMs) =>
  z.int("must be whole milliseconds").min(min, `must be at least ${min} ms`).max(max, `must be at most ${max} ms`);

const text = (max: number) => z.string("must be a string").max(max, `must be at most ${max} characters`);

/** A name or an address as it stands in a URL: no scheme, no port, IPv6 without brackets. */
const host = text(253)
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9:._-]+$/, "must be a hostname or an IP address, without scheme, port or path");
const port = z.int("must be a whole number").min(1, "must be at least 1").max(65_535, "must be at most 65535");

export const statusRangeSchema = z
  .tuple([z.int().min(100).max(599), z.int().min(100).max(599)])
  .refine(([from, to]) => from <= to, "must begin with the smaller status");

const header = z.object({
  name: text(100).regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "is not a header name"),
  value: text(2_000).regex(/^[^\r\n\0]*$/, "must be one line"),
});

/** Which addresses may not be asked is decided by the Worker (`worker/checks/target.ts`), with the reason. */
const httpTarget = z.object({
  kind: z.literal("http"),
  url: text(2_000).trim(),
  method: z.enum(HTTP_METHODS).default(TARGET_DEFAULTS.http.method),
  /** Kept sealed and never shown again: only the names are. Absent in a change: as they were. */
  headers: z.array(header).max(CHECK_HEADERS_MAX, `must be at most ${CHECK_HEADERS_MAX}`).optional(),
  body: text(CHECK_BODY_LENGTH_MAX).nullable().default(null),
  /** Statuses that are a good answer, as ranges. */
  expectStatus: z
    .array(statusRangeSchema)
    .min(1)
    .max(10)
    .default([[200, 399]]),
  /** What the body must hold, or must not. */
  keyword: z
    .object({ text: text(500).min(1), isAbsent: z.boolean().default(false) })
    .nullable()
    .default(null),
  /** A value of a JSON body: `path` as `a.b[0].c`, which must be there, and be `equals` where that is given. */
  json: z
    .object({ path: text(200).min(1), equals: z.union([z.string(), z.number(), z.boolean(), z.null()]).optional() })
    .nullable()
    .default(null),
  /** `follow`: up to five; `manual`: a redirect is itself the answer. */
  redirects: z.enum(["follow", "manual"]).default(TARGET_DEFAULTS.http.redirects),
});

const tcpTarget = z.object({ kind: z.literal("tcp"), host, port });
const tlsTarget = z.object({
  kind: z.literal("tls"),
  host,
  port: port.default(TARGET_DEFAULTS.tls.port),
  /** Degraded when the certificate ends sooner. */
  warnDays: z.int().min(1).max(365).default(TARGET_DEFAULTS.tls.warnDays),
});
const dnsTarget = z.object({
  kind: z.literal("dns"),
  name: host,
  type: z.enum(DNS_TYPES).default(TARGET_DEFAULTS.dns.type),
  /** Each must be among the answers; none: any answer is good. */
  expect: z.array(text(500).min(1)).max(20).default([]),
  /** A resolver that answers over HTTPS with JSON (`application/dns-json`). */
  resolver: text(300).default(TARGET_DEFAULTS.dns.resolver),
});
const heartbeatTarget = z.object({
  kind: z.literal("heartbeat"),
  /** How often the job calls, and how late it may be. */
  periodMs: duration(60_000, 31 * 86_400_000),
  graceMs: duration(30_000, 7 * 86_400_000).default(TARGET_DEFAULTS.heartbeat.graceMs),
});

export const targetSchema = z.discriminatedUnion("kind", [
  httpTarget,
  tcpTarget,
  tlsTarget,
  dnsTarget,
  heartbeatTarget,
]);
/** What is looked at, as it is entered. */
export type TargetInput = z.input<typeof targetSchema>;
export type Target = z.output<typeof targetSchema>;

const checkFields = {
  name: label,
  /** The instance it speaks for; null: it stands alone. */
  instanceId: instanceIdSchema.nullable().default(null),
  tags: tags.default([]),
  intervalMs: duration(CHECK_INTERVAL_MIN_MS, CHECK_INTERVAL_MAX_MS).default(CHECK_DEFAULTS.intervalMs),
  timeoutMs: duration(CHECK_TIMEOUT_MIN_MS, CHECK_TIMEOUT_MAX_MS).default(CHECK_DEFAULTS.timeoutMs),
  /** From here on an answer is slow, and from there on it is bad: both are degraded, and the reason says which. */
  slowMs: duration(1, CHECK_TIMEOUT_MAX_MS).default(CHECK_DEFAULTS.slowMs),
  badMs: duration(1, CHECK_TIMEOUT_MAX_MS).default(CHECK_DEFAULTS.badMs),
  /** From where; null: from where the settings say. */
  regions: z.array(regionName).min(1).max(9).nullable().default(null),
  isPaused: z.boolean().default(false),
};

export const newCheckSchema = z.object({ ...checkFields, target: targetSchema });
export type NewCheck = z.output<typeof newCheckSchema>;

/** What is absent stays as it is; a target is given whole, but for its headers. */
export const changeCheckSchema = z.object({
  name: label.optional(),
  instanceId: instanceIdSchema.nullable().optional(),
  tags: tags.optional(),
  intervalMs: checkFields.intervalMs.unwrap().optional(),
  timeoutMs: checkFields.timeoutMs.unwrap().optional(),
  slowMs: checkFields.slowMs.unwrap().optional(),
  badMs: checkFields.badMs.unwrap().optional(),
  regions: checkFields.regions.unwrap().optional(),
  isPaused: z.boolean().optional(),
  target: targetSchema.optional(),
});
export type ChangeCheck = z.output<typeof changeCheckSchema>;

const shownTarget = z.discriminatedUnion("kind", [
  httpTarget.omit({ headers: true }).extend({ headerNames: z.array(z.string()) }),
  tcpTarget,
  tlsTarget,
  dnsTarget,
  heartbeatTarget,
]);
export type ShownTarget = z.output<typeof shownTarget>;

/** What a region saw in the last round. */
export const regionResultSchema = z.object({
  region: regionName,
  outcome: z.enum(["ok", "slow", "failed", "unknown"]).meta({ description: "`unknown`: our own prober failed" }),
  responseMs: z.number().nullable(),
  words: z.string(),
});
export type RegionResult = z.infer<typeof regionResultSchema>;

export const checkSchema = z.object({
  id: z.string(),
  name: z.string(),
  instanceId: z.string().nullable(),
  instanceName: z.string().nullable(),
  tags: z.array(z.string()),
  intervalMs: z.int(),
  timeoutMs: z.int(),
  slowMs: z.int(),
  badMs: z.int(),
  regions: z.array(regionName).nullable(),
  isPaused: z.boolean(),
  isDefault: z.boolean().meta({ description: "Made with its instance, and not changed since" }),
  target: shownTarget,
  createdAt: epochMs,
  /** Null until the first round, and while paused. */
  judgement: judgementSchema.nullable(),
  lastRoundAt: epochMs.nullable(),
  nextRoundAt: epochMs.nullable(),
  results: z.array(regionResultSchema).meta({ description: "The last round, by region" }),
  lastBeatAt: epochMs.nullable().meta({ description: "Heartbeat only: the last call" }),
  warning: z.string().nullable().meta({ description: "Why this check cannot be told truthfully, where it cannot" }),
});
export type Check = z.infer<typeof checkSchema>;

/** A row of the list. */
export const checkEntrySchema = checkSchema.extend({
  uptime: z.object({ day: uptimeSchema, month: uptimeSchema, quarter: uptimeSchema }),
  days: uptimeReportSchema.shape.days,
});
export type CheckEntry = z.infer<typeof checkEntrySchema>;

export const checkListQuerySchema = z.object({
  instance: z.string().max(128).optional().meta({ description: "Of this instance only" }),
  verdict: verdictName.or(z.enum(["waiting", "paused"])).optional(),
  kind: z.enum(CHECK_KINDS).optional(),
  tag: z.string().max(48).optional(),
  text: z.string().max(100).optional().meta({ description: "Occurs in the name or the target" }),
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(40),
});

export const checkListSchema = z.object({
  now: epochMs,
  total: z.int().meta({ description: "That match, on all pages" }),
  counts: z
    .record(z.enum(["up", "degraded", "down", "unsure", "waiting", "paused"]), z.int())
    .meta({ description: "Of all checks one may see" }),
  regions: z.array(regionName).meta({ description: "Where checks look from that name no regions of their own" }),
  checks: z.array(checkEntrySchema),
});
export type CheckList = z.infer<typeof checkListSchema>;

/** A new heartbeat's address, shown this once. */
export const madeCheckSchema = checkSchema.extend({ beatUrl: z.string().nullable() });
export type MadeCheck = z.infer<typeof madeCheckSchema>;

export const checkDetailSchema = z.object({
  now: epochMs,
  check: checkSchema,
  uptime: uptimeReportSchema,
  seriesKeys: z.array(z.string()),
  changes: z
    .array(judgementSchema.omit({ witnesses: true }).extend({ witnesses: z.array(witnessSchema) }))
    .meta({ description: "The last verdicts, newest first" }),
});
export type CheckDetail = z.infer<typeof checkDetailSchema>;

/** The same change to many: those named, or all with the tag. */
export const bulkChecksSchema = z
  .object({
    ids: z.array(z.string()).max(1_000).optional(),
    tag: z.string().max(48).optional(),
    action: z.enum(["pause", "resume", "checkNow", "delete"]),
  })
  .refine(({ ids, tag }) => (ids === undefined) !== (tag === undefined), "must hold either ids or a tag");
export const bulkChecksReplySchema = z.object({ checks: z.int().meta({ description: "How many it was" }) });

/** What the sentinel goes by; of the owner alone. */
export const sentinelSettingsSchema = z.object({
  regions: z.array(regionName).min(1, "must name a region").max(9),
  /** Private, loopback and link-local targets: for a Nephos that runs at home. */
  allowsPrivateTargets: z.boolean(),
  /** Hostnames or zones beside the one you use now that are Nephos' own, which a Worker cannot fetch truthfully. */
  ownHostnames: z.array(host).max(20),
  /** New instances of a provider get a check. */
  makesDefaultChecks: z.boolean(),
});
export type SentinelSettings = z.infer<typeof sentinelSettingsSchema>;

export const shownSentinelSettingsSchema = sentinelSettingsSchema.extend({
  isLocal: z.boolean().meta({ description: "Runs on one machine: every region is that machine" }),
  /** Called after each good tick; the address is kept sealed, its host is shown. */
  heartbeatHost: z.string().nullable(),
});
export type ShownSentinelSettings = z.infer<typeof shownSentinelSettingsSchema>;

/** `heartbeatUrl` absent: as it was; null: none. */
export const putSentinelSettingsSchema = sentinelSettingsSchema.extend({
  heartbeatUrl: z.url("must be an address").max(500).nullable().optional(),
});
