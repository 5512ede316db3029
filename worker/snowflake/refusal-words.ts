import type { SnowflakeAccess } from "./access.ts";
import { SnowflakeProblem } from "./problem.ts";

/** What Snowflake refuses, in sentences: what is wrong, and what to do about it. None of them holds a secret. */

/** What an answer that is no success said; codes are Snowflake's six digits, empty where there is none. */
export interface Refusal {
  status: number;
  code: string;
  sqlState: string;
  message: string;
}

/** Whose names the sentences may call. */
export type Refused = Pick<SnowflakeAccess, "account" | "names" | "endpoint"> & {
  auth: Pick<SnowflakeAccess["auth"], "kind">;
};

export function unavailable(message: string): SnowflakeProblem {
  return new SnowflakeProblem("unavailable", message, "Nothing to do: it is asked again later.");
}

/** No answer at all: there is no telling an account that does not exist from a network that fails. */
export function unreachable({ account, endpoint }: Pick<Refused, "account" | "endpoint">): SnowflakeProblem {
  return new SnowflakeProblem(
    "unavailable",
    endpoint === null
      ? `The account ${account} did not answer, or broke off.`
      : `${endpoint} did not answer, or broke off.`,
    endpoint === null
      ? "It is asked again later. Where it never answers, look whether the account identifier is right: Snowsight shows it under Account, View account details, as myorg-myaccount."
      : "It is asked again later. Where it never answers, look whether the address is right and can be reached from the internet.",
  );
}

export function timedOut(): SnowflakeProblem {
  return new SnowflakeProblem(
    "timed_out",
    "Snowflake was not done in time, and the statement was cancelled.",
    "It is tried again later. Where it happens often, look in Snowsight under Monitoring, Query History whether the warehouse is queueing.",
  );
}

export function notUnderstood(status: number): SnowflakeProblem {
  return new SnowflakeProblem(
    "not_understood",
    `Snowflake answered with something that is not its API's (status ${status}).`,
    "Where an address of its own is set, look whether it is that of the account; otherwise it may pass.",
  );
}

export function tooOften(): SnowflakeProblem {
  return new SnowflakeProblem(
    "rate_limited",
    "Snowflake says that it was asked too often.",
    "It is asked again later. Does something else use the same account heavily?",
  );
}

export function networkRefused(): SnowflakeProblem {
  return new SnowflakeProblem(
    "network_refused",
    "A network policy of the account keeps requests from outside away, and Cloudflare's edge has no fixed address that could be let in.",
    "Give the service user a network policy of its own that lets every address in (ALTER USER … SET NETWORK_POLICY), or sign in by key pair, which needs none.",
  );
}

export function suspended({ account }: Refused): SnowflakeProblem {
  return new SnowflakeProblem(
    "account_suspended",
    `The account ${account} is suspended: its trial has ended, or it is locked.`,
    "Add billing details in Snowsight under Admin, Billing & Terms, or ask Snowflake's support.",
  );
}

export function accountUnknown({ account, endpoint }: Refused): SnowflakeProblem {
  return new SnowflakeProblem(
    "account_unknown",
    endpoint === null ? `Snowflake knows no account ${account}.` : `${endpoint} is no address of a Snowflake account.`,
    "Enter the account identifier as myorg-myaccount: Snowsight shows it under Account, View account details. The older form is the locator with its region, as xy12345.eu-central-1.",
  );
}

export function userDisabled({ names }: Refused): SnowflakeProblem {
  return new SnowflakeProblem(
    "key_refused",
    `The user ${names.user} is disabled or locked.`,
    `Enable it with ALTER USER ${names.user} SET DISABLED = FALSE; a lock after failed attempts ends by itself after 15 minutes.`,
  );
}

const ATTEMPT = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;

export function keyRefused({ names, auth }: Refused, { message }: Refusal): SnowflakeProblem {
  if (auth.kind !== "key_pair") return tokenRefused({ names, auth });
  const attempt = ATTEMPT.exec(message)?.[0];
  const why =
    attempt === undefined
      ? ""
      : ` SELECT SYSTEM$GET_LOGIN_FAILURE_DETAILS('${attempt}') as ACCOUNTADMIN says which of these it is.`;
  return new SnowflakeProblem(
    "key_refused",
    `Snowflake does not accept the key of the user ${names.user}.`,
    `Look whether this user exists and has this public key (DESCRIBE USER ${names.user} shows RSA_PUBLIC_KEY_FP), and whether the account identifier is right, as it is signed too.${why}`,
  );
}

export function tokenRefused({ names, auth }: Pick<Refused, "names" | "auth">): SnowflakeProblem {
  const what = auth.kind === "pat" ? "programmatic access token" : "access token";
  return new SnowflakeProblem(
    "token_refused",
    `Snowflake does not accept the ${what}.`,
    auth.kind === "pat"
      ? `It may have expired or been revoked: make another in Snowsight for the user ${names.user}, restricted to the role ${names.role}, and enter it here. A service user needs a network policy to use one.`
      : "Look whether the security integration in Snowflake trusts who gave the token, and maps it to the user.",
  );
}

export function signInRefused(refused: Refused, said: Refusal): SnowflakeProblem {
  return refused.auth.kind === "key_pair" ? keyRefused(refused, said) : tokenRefused(refused);
}

export function roleMissing({ names }: Refused): SnowflakeProblem {
  return new SnowflakeProblem(
    "role_missing",
    `The user ${names.user} does not have the role ${names.role}, or there is no such role.`,
    `Run GRANT ROLE ${names.role} TO USER ${names.user}, or the whole of the setup again.`,
  );
}

export function warehouseMissing({ names }: Refused): SnowflakeProblem {
  return new SnowflakeProblem(
    "warehouse_missing",
    `There is no warehouse ${names.warehouse} that the role ${names.role} may use.`,
    `Run GRANT USAGE ON WAREHOUSE ${names.warehouse} TO ROLE ${names.role}, or the whole of the setup again.`,
  );
}

export function warehouseStopped({ names }: Refused): SnowflakeProblem {
  return new SnowflakeProblem(
    "warehouse_missing",
    `The warehouse ${names.warehouse} may not start: a resource monitor says that its credits of this month are used.`,
    "Raise the quota of the resource monitor, or wait for the next month. Export by streaming goes on without a warehouse.",
  );
}

export function databaseMissing({ names }: Refused): SnowflakeProblem {
  return new SnowflakeProblem(
    "database_missing",
    `There is no database ${names.database} with its schemas that the role ${names.role} may use.`,
    `Run the setup, or GRANT USAGE ON DATABASE ${names.database} TO ROLE ${names.role} and on its schemas.`,
  );
}

/** Names in its message are quoted; ours are plain. */
const NAMED = /'((?:[A-Z0-9_$]+\.){0,2}[A-Z0-9_$]+)'/;

export function thingMissing({ names }: Refused, { message }: Refusal): SnowflakeProblem {
  const name = NAMED.exec(message)?.[1];
  return new SnowflakeProblem(
    "rights_missing",
    name === undefined
      ? `A table or view in ${names.database} is missing, or the role ${names.role} may not use it.`
      : `${name} is missing, or the role ${names.role} may not use it.`,
    "Run the setup again: it makes what is missing and keeps what is there.",
  );
}

export function rightsMissing({ names }: Refused): SnowflakeProblem {
  return new SnowflakeProblem(
    "rights_missing",
    `The role ${names.role} lacks a right.`,
    "Run the setup again as ACCOUNTADMIN: it grants all that is needed, and no more.",
  );
}

export function modelMissing(model: string | null = null): SnowflakeProblem {
  return new SnowflakeProblem(
    "model_missing",
    `${model === null ? "The language model" : `The language model ${model}`} is not there for this account.`,
    "SHOW CORTEX BASE MODELS lists those that are. Choose one of them in the settings, or let the account use other regions: ALTER ACCOUNT SET CORTEX_ENABLED_CROSS_REGION = 'ANY_REGION'.",
  );
}

export function cortexRefused({ names }: Pick<Refused, "names">): SnowflakeProblem {
  return new SnowflakeProblem(
    "cortex_refused",
    `The role ${names.role} may not use Cortex.`,
    `Run GRANT DATABASE ROLE SNOWFLAKE.CORTEX_USER TO ROLE ${names.role} as ACCOUNTADMIN.`,
  );
}

export function statementRefused(_refused: Refused, said: Refusal): SnowflakeProblem {
  const sqlState = said.sqlState === "" ? "" : `/${said.sqlState}`;
  return new SnowflakeProblem(
    "statement_refused",
    `Snowflake refused a statement (${said.code}${sqlState}): ${plain(said.message)}`,
    "Run the setup again: tables and views of an older version may be there.",
  );
}

/** As one short line. */
function plain(message: string): string {
  const line = message.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}
