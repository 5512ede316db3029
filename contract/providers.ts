import { z } from "zod";
import { epochMs, label } from "./fields.ts";
import { PROVIDER_KINDS, type ProviderKind } from "./provider-kinds.ts";

export { PROVIDER_KINDS, PROVIDERS, type ProviderKind } from "./provider-kinds.ts";

/** Clouds, and the accounts of them whose instances are discovered. */
export const providerKind = z.enum(PROVIDER_KINDS, `must be one of ${PROVIDER_KINDS.join(", ")}`);

/** One word of what a header can hold: whatever else was pasted with it is no key. */
const key = (what: string, max = 500) =>
  z
    .string("must be a string")
    .trim()
    .regex(/^[!-~]+$/, `must be ${what}: one word, without spaces`)
    .max(max, "is too long to be one");

/** What a provider lets us in by. Kept sealed, never shown again. */
export const credentialsSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("vultr"), apiKey: key("an API key") }),
  z.object({
    kind: z.literal("aws"),
    accessKeyId: key("an access key id", 128),
    secretAccessKey: key("a secret access key", 128),
    /** Regions to look in; empty: all that the account has. */
    regions: z
      .array(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "is no AWS region"))
      .max(40)
      .default([]),
  }),
  z.object({
    kind: z.literal("gcp"),
    /** The JSON file of a service account, as text. */
    serviceAccount: z
      .string("must be a string")
      .trim()
      .min(1, "must be the JSON of a service account")
      .max(10_000, "is too long to be one"),
    /** Another project than the key's own. */
    project: z
      .string()
      .regex(/^[a-z0-9.:-]{4,63}$/, "is no project id")
      .optional(),
  }),
  z.object({ kind: z.literal("digitalocean"), token: key("an API token") }),
  z.object({ kind: z.literal("hetzner"), token: key("an API token") }),
]);
export type Credentials = z.output<typeof credentialsSchema>;
export type CredentialsOf<Kind extends ProviderKind> = Extract<Credentials, { kind: Kind }>;

/** Another address of the same API: a proxy with a fixed address for keys with an allow-list, or a compatible cloud. */
const endpoint = z.url("must be an address").max(300).nullable();

export const newProviderAccountSchema = z.object({
  name: label,
  credentials: credentialsSchema,
  endpoint: endpoint.default(null),
});
export type NewProviderAccount = z.output<typeof newProviderAccountSchema>;

/** What is absent stays as it is. */
export const changeProviderAccountSchema = z.object({
  name: label.optional(),
  credentials: credentialsSchema.optional(),
  endpoint: endpoint.optional(),
  isPaused: z.boolean().optional(),
});

/** Why a provider did not answer as hoped, and what to do. */
export const PROVIDER_PROBLEMS = [
  "key_refused",
  "rights_missing",
  "address_refused",
  "rate_limited",
  "unavailable",
  "not_understood",
] as const;
export type ProviderProblemCode = (typeof PROVIDER_PROBLEMS)[number];

export const providerProblemSchema = z.object({
  code: z.enum(PROVIDER_PROBLEMS),
  message: z.string(),
  remedy: z.string(),
  /** Since when every attempt has failed. */
  since: epochMs,
});
export type ShownProviderProblem = z.infer<typeof providerProblemSchema>;

export const providerAccountSchema = z.object({
  id: z.string(),
  kind: providerKind,
  name: z.string(),
  keyHint: z.string().meta({ description: "A fingerprint of the key: tells two of them apart, and nothing else" }),
  endpoint: z.string().nullable(),
  regions: z.array(z.string()).meta({ description: "AWS: the regions that were chosen; empty: all" }),
  isPaused: z.boolean(),
  createdAt: epochMs,
  lastAttemptAt: epochMs.nullable(),
  /** What is known is as of then. */
  lastDiscoveredAt: epochMs.nullable(),
  problem: providerProblemSchema.nullable(),
  /** Of the instances it lists now. */
  instances: z.int(),
  running: z.int(),
  healthy: z.int().meta({ description: "Whose verdict is up" }),
  monthlyCost: z.record(z.string(), z.number()).meta({ description: "By currency, where prices are known" }),
});
export type ProviderAccount = z.infer<typeof providerAccountSchema>;

/** What one discovery came to. */
export const discoveryReportSchema = z.object({
  account: providerAccountSchema,
  found: z.int(),
  added: z.int(),
  changed: z.int(),
  gone: z.int(),
  /** More is being listed still; it appears within the next ticks. */
  isPartial: z.boolean(),
  tookMs: z.int(),
});
export type DiscoveryReport = z.infer<typeof discoveryReportSchema>;

/** The provider's word on a machine, in our words. */
export const CLOUD_STATUSES = ["running", "stopped", "starting", "stopping", "suspended", "unknown"] as const;
export type CloudStatus = (typeof CLOUD_STATUSES)[number];

/** A machine as its provider lists it. */
export const cloudSchema = z.object({
  accountId: z.string(),
  kind: providerKind,
  /** The provider's own id, always text. */
  id: z.string(),
  name: z.string(),
  status: z.enum(CLOUD_STATUSES),
  statusText: z.string().meta({ description: "In the provider's words" }),
  /** What the provider itself finds wrong with it; null where nothing, or where it does not look. */
  impaired: z.string().nullable(),
  region: z.string(),
  regionName: z.string().nullable(),
  zone: z.string().nullable(),
  plan: z.string().nullable(),
  image: z.string().nullable(),
  cpuCount: z.int().nullable(),
  memoryBytes: z.int().nullable(),
  diskBytes: z.int().nullable(),
  /** IPv4 before IPv6, the main one first. */
  publicAddresses: z.array(z.string()),
  privateAddresses: z.array(z.string()),
  createdAt: epochMs.nullable(),
  tags: z.array(z.string()).meta({ description: "Tags or labels (`key:value`), in the form tags have here" }),
  monthlyCost: z.object({ amount: z.number(), currency: z.string() }).nullable(),
  /** No longer listed since then; null while it is. */
  goneAt: epochMs.nullable(),
});
export type Cloud = z.infer<typeof cloudSchema>;

/** Traffic of the present billing period against what its price includes. */
export const bandwidthSchema = z.object({
  usedBytes: z.number().nullable(),
  allowedBytes: z.number().nullable(),
  at: epochMs,
});
export type Bandwidth = z.infer<typeof bandwidthSchema>;
