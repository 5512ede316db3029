import { z } from "zod";
import { epochMs } from "./fields.ts";
import {
  EXPORT_EVERY_HOURS,
  EXPORT_STREAMS,
  EXPORT_WAYS,
  SNOWFLAKE_AUTHS,
  SNOWFLAKE_PROBLEMS,
  SNOWFLAKE_TRIES,
} from "./snowflake-kinds.ts";

export * from "./snowflake-kinds.ts";

/** An account identifier: `myorg-myaccount`, or the locator with its region: `xy12345.eu-central-1`. */
const account = z
  .string("must be a string")
  .trim()
  .transform((text) => text.replace(/^https?:\/\//, "").replace(/\.snowflakecomputing\.(com|cn).*$/i, ""))
  .pipe(
    z
      .string()
      .regex(
        /^[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+){0,3}$/,
        "must be an account identifier as myorg-myaccount: Snowsight shows it under Account, View account details",
      )
      .max(255, "is too long to be one"),
  );

/** An identifier as it is stored: upper case unless it was made in quotes. */
const identifier = (fallback: string) =>
  z
    .string("must be a string")
    .trim()
    .regex(/^[A-Za-z_][A-Za-z0-9_$]{0,254}$/, "must be a name of letters, digits, _ and $")
    .toUpperCase()
    .default(fallback);

export const snowflakeNamesSchema = z.object({
  user: identifier("NEPHOS_SERVICE"),
  role: identifier("NEPHOS_ROLE"),
  warehouse: identifier("NEPHOS_WH"),
  database: identifier("NEPHOS"),
});
export type SnowflakeNames = z.output<typeof snowflakeNamesSchema>;

const secretText = (what: string) =>
  z.string("must be a string").trim().min(1, `must be ${what}`).max(10_000, "is too long to be one");

/** What Snowflake lets us in by. Kept sealed, never shown again. */
export const snowflakeAuthSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("key_pair"),
    privateKey: secretText("a private key in PEM form").refine(
      (text) => text.startsWith("-----BEGIN PRIVATE KEY-----"),
      "must be an unencrypted PKCS#8 key: it begins with -----BEGIN PRIVATE KEY-----",
    ),
  }),
  z.object({ kind: z.literal("pat"), token: secretText("a programmatic access token") }),
  z.object({
    kind: z.literal("oauth"),
    /** The token endpoint of whoever gives access tokens, by the client credentials grant. */
    tokenUrl: z.url("must be an address").max(500),
    clientId: secretText("a client id"),
    clientSecret: secretText("a client secret"),
    scope: z.string().trim().max(500).default(""),
  }),
]);
export type SnowflakeAuth = z.output<typeof snowflakeAuthSchema>;

/** Another address of the same API: a private link, or a compatible warehouse. */
const endpoint = z.url("must be an address").max(300).nullable();

export const connectSnowflakeSchema = z.object({
  account,
  names: snowflakeNamesSchema,
  /** Absent: as it is. */
  auth: snowflakeAuthSchema.optional(),
  endpoint: endpoint.default(null),
});
export type ConnectSnowflake = z.output<typeof connectSnowflakeSchema>;

export const snowflakeSettingsSchema = z.object({
  /** Words by Cortex. */
  isEngineOn: z.boolean(),
  model: z
    .string()
    .trim()
    .regex(/^[a-z0-9][a-z0-9.-]{1,63}$/, "must be a model's name, as claude-haiku-4-5"),
  monthlyBudgetUsd: z.number().min(0, "must not be negative").max(100_000),
  /** Forecasts and anomalies over the long history by SNOWFLAKE.ML; each run starts the warehouse. */
  learnsEveryDays: z.union([z.literal(0), z.literal(1), z.literal(7)]).meta({ description: "0: never" }),
  isExportOn: z.boolean(),
  exportWay: z.enum(EXPORT_WAYS),
  exportEveryHours: z.union(EXPORT_EVERY_HOURS.map((hours) => z.literal(hours))),
  creditPriceUsd: z.number().min(0.1).max(100),
});
export type SnowflakeSettings = z.output<typeof snowflakeSettingsSchema>;
export const changeSnowflakeSettingsSchema = snowflakeSettingsSchema.partial();

/** What one part of the connection came to. */
export const snowflakeTrialSchema = z.object({
  what: z.enum(SNOWFLAKE_TRIES),
  isOk: z.boolean(),
  says: z.string(),
  problem: z.enum(SNOWFLAKE_PROBLEMS).nullable(),
  remedy: z.string().nullable(),
});
export type SnowflakeTrial = z.infer<typeof snowflakeTrialSchema>;
export const snowflakeTestSchema = z.object({ now: epochMs, isOk: z.boolean(), trials: z.array(snowflakeTrialSchema) });
export type SnowflakeTest = z.infer<typeof snowflakeTestSchema>;

export const snowflakeProblemSchema = z.object({
  code: z.enum(SNOWFLAKE_PROBLEMS),
  message: z.string(),
  remedy: z.string(),
  since: epochMs,
});
export type ShownSnowflakeProblem = z.infer<typeof snowflakeProblemSchema>;

/** How far the export of one kind of thing has come. */
export const exportStreamSchema = z.object({
  stream: z.enum(EXPORT_STREAMS),
  /** What there was up to then is in Snowflake. */
  doneTo: epochMs.nullable(),
  rows: z.int().meta({ description: "Sent in all" }),
  lastAt: epochMs.nullable(),
  /** Rows that had passed out of our own history before they could be sent. */
  missed: z.string().nullable(),
  problem: snowflakeProblemSchema.nullable(),
});
export type ExportStream = z.infer<typeof exportStreamSchema>;

export const snowflakeSchema = z.object({
  now: epochMs,
  /** Null where nothing is connected. */
  connection: z
    .object({
      account: z.string(),
      names: snowflakeNamesSchema,
      auth: z.enum(SNOWFLAKE_AUTHS),
      /** SHA256:… of the public key; null with another way in. */
      fingerprint: z.string().nullable(),
      endpoint: z.string().nullable(),
      connectedAt: epochMs,
      problem: snowflakeProblemSchema.nullable(),
    })
    .nullable(),
  settings: snowflakeSettingsSchema,
  spent: z.object({
    month: z.string().meta({ description: "As 2026-11" }),
    usd: z.number(),
    requests: z.int(),
    inputTokens: z.int(),
    outputTokens: z.int(),
  }),
  exports: z.array(exportStreamSchema),
  /** What each choice of how often costs in a month, for this fleet. */
  exportCosts: z.array(z.object({ way: z.enum(EXPORT_WAYS), everyHours: z.int(), usd: z.number(), says: z.string() })),
  models: z.array(z.object({ model: z.string(), inputUsd: z.number(), outputUsd: z.number() })).meta({
    description: "Models whose prices are known, in dollars for a million tokens",
  }),
});
export type Snowflake = z.infer<typeof snowflakeSchema>;

export const snowflakeSetupQuerySchema = z.object({
  ...snowflakeNamesSchema.shape,
  publicKey: z
    .string()
    .trim()
    .max(2_000)
    .regex(/^[A-Za-z0-9+/=\s]*$/, "must be the public key in base64, without its first and last line")
    .optional(),
});
