import type { ExportStream, Snowflake } from "../../../../contract/snowflake.ts";
import type {
  ExportStreamName,
  ExportWay,
  SnowflakeAuthKind,
  SnowflakeTry,
} from "../../../../contract/snowflake-kinds.ts";
import type { EpochMs } from "../../../../contract/units.ts";
import { formatAgo } from "../format/ago.ts";
import { formatMoney } from "../format/money.ts";

export const AUTH_WORDS: Record<SnowflakeAuthKind, { label: string; tells: string }> = {
  key_pair: {
    label: "Key pair",
    tells: "Best for a service: no password, and only this user can be signed in with it.",
  },
  pat: {
    label: "Access token",
    tells: "A programmatic access token of the user. It takes a network policy, and it expires.",
  },
  oauth: { label: "OAuth", tells: "Access tokens of your own identity provider, by the client credentials grant." },
};

export const TRY_WORDS: Record<SnowflakeTry, string> = {
  account: "Account",
  sign_in: "Sign in",
  role: "Role",
  warehouse: "Warehouse",
  tables: "Tables",
  streaming: "Snowpipe Streaming",
  cortex: "Cortex",
};

export const STREAM_WORDS: Record<ExportStreamName, string> = {
  instances: "Instances",
  metrics: "Readings",
  incidents: "Incidents",
  rounds: "Check rounds",
  insights: "Insights",
};

export const WAY_WORDS: Record<ExportWay, { label: string; tells: string }> = {
  streaming: { label: "Snowpipe Streaming", tells: "Starts no warehouse; paid by what is sent." },
  merge: { label: "MERGE", tells: "Starts the warehouse each time; paid by the minute." },
};

/** `$0.0042`, `$1.20`: small sums with the digits that count. */
export function usd(amount: number): string {
  if (amount > 0 && amount < 0.01) return amount < 0.0001 ? "less than $0.0001" : `$${Number(amount.toPrecision(2))}`;
  return formatMoney({ amount: Math.round(amount * 100) / 100, currency: "USD" });
}

/** What was spent of the month's budget: the ratio for the bar, and in words. */
export function spentInWords(
  { usd: spent, requests, inputTokens, outputTokens }: Snowflake["spent"],
  budget: number,
): { ratio: number | undefined; text: string; detail: string } {
  const many = requests === 1 ? "1 request" : `${requests.toLocaleString("en")} requests`;
  return {
    ratio: budget > 0 ? spent / budget : undefined,
    text:
      budget > 0 ? `${usd(spent)} of ${usd(budget)}` : `${usd(spent)}, and the budget is 0: Snowflake words nothing`,
    detail: `${many}, ${tokens(inputTokens)} tokens read, ${tokens(outputTokens)} written`,
  };
}

/** `12,300`, `1.2 M`. */
export function tokens(count: number): string {
  return count >= 1e6 ? `${Number((count / 1e6).toFixed(1))} M` : count.toLocaleString("en");
}

/** `November 2026`. */
export function monthInWords(month: string): string {
  const at = new Date(`${month}-01T00:00:00Z`);
  return at.toLocaleDateString("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
}

/** What a model costs, beside its name: `claude-haiku-4-5: $1.10 read, $5.50 written`. */
export function modelInWords({ model, inputUsd, outputUsd }: Snowflake["models"][number]): string {
  return `${model}: ${usd(inputUsd)} read, ${usd(outputUsd)} written`;
}

export function everyInWords(hours: number): string {
  if (hours === 1) return "Every hour";
  return hours === 24 ? "Once a day" : `Every ${hours} hours`;
}

/** How far a stream has come. */
export function streamInWords({ doneTo, rows }: Pick<ExportStream, "doneTo" | "rows">, now: EpochMs): string {
  if (doneTo === null) return "Nothing sent yet";
  const sent = rows === 1 ? "1 row" : `${rows.toLocaleString("en")} rows`;
  return `Up to ${formatAgo(doneTo, now)}, ${sent} in all`;
}
