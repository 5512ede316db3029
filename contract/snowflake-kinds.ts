/** The words of Snowflake's side. No schema here: the dashboard takes this file and stays small. */

export const SNOWFLAKE_AUTHS = ["key_pair", "pat", "oauth"] as const;
export type SnowflakeAuthKind = (typeof SNOWFLAKE_AUTHS)[number];

/** Why Snowflake did not answer as hoped. */
export const SNOWFLAKE_PROBLEMS = [
  "account_unknown",
  "account_suspended",
  "key_refused",
  "token_refused",
  "network_refused",
  "role_missing",
  "warehouse_missing",
  "database_missing",
  "rights_missing",
  "model_missing",
  "cortex_refused",
  "budget_spent",
  "rate_limited",
  "timed_out",
  "unavailable",
  "statement_refused",
  "not_understood",
] as const;
export type SnowflakeProblemCode = (typeof SNOWFLAKE_PROBLEMS)[number];

/** The parts of a connection test, in their order; what follows a failure is not tried. */
export const SNOWFLAKE_TRIES = ["account", "sign_in", "role", "warehouse", "tables", "streaming", "cortex"] as const;
export type SnowflakeTry = (typeof SNOWFLAKE_TRIES)[number];

/** Snowpipe Streaming needs no warehouse; MERGE starts one each time. */
export const EXPORT_WAYS = ["streaming", "merge"] as const;
export type ExportWay = (typeof EXPORT_WAYS)[number];

export const EXPORT_EVERY_HOURS = [1, 6, 24] as const;

export const EXPORT_STREAMS = ["instances", "metrics", "incidents", "rounds", "insights"] as const;
export type ExportStreamName = (typeof EXPORT_STREAMS)[number];
