import { EXPORT_EVERY_HOURS, type ExportWay } from "../../contract/snowflake-kinds.ts";
import type { SnowflakeSettings } from "../../contract/snowflake.ts";

/** Dollars for a million tokens. */
export interface ModelPrice {
  inputUsd: number;
  outputUsd: number;
}

/** Cortex REST, on demand (Snowflake Service Consumption Table of 2026-03-31, table 6). */
export const MODEL_PRICES: Readonly<Record<string, ModelPrice>> = {
  "claude-haiku-4-5": { inputUsd: 1, outputUsd: 5 },
  "claude-sonnet-4-6": { inputUsd: 3, outputUsd: 15 },
  "llama3.3-70b": { inputUsd: 0.72, outputUsd: 0.72 },
  "llama3.1-8b": { inputUsd: 0.22, outputUsd: 0.22 },
  "openai-gpt-5-nano": { inputUsd: 0.06, outputUsd: 0.44 },
};

/** A model whose price is not known is counted as the dearest that is: a budget must hold. */
export function priceOf(model: string): ModelPrice {
  return MODEL_PRICES[model] ?? MODEL_PRICES["claude-sonnet-4-6"]!;
}

/** What a request cost, in dollars. */
export function costUsd(model: string, inputTokens: number, outputTokens: number): number {
  const { inputUsd, outputUsd } = priceOf(model);
  return (inputTokens * inputUsd + outputTokens * outputUsd) / 1e6;
}

/** Credits for a million tokens by AI_COMPLETE in SQL (the same table). */
const MODEL_CREDITS: Readonly<Record<string, { input: number; output: number }>> = {
  "claude-haiku-4-5": { input: 0.55, output: 2.75 },
  "claude-sonnet-4-6": { input: 1.65, output: 8.25 },
  "llama3.3-70b": { input: 0.36, output: 0.36 },
  "llama3.1-8b": { input: 0.11, output: 0.11 },
  "openai-gpt-5-nano": { input: 0.03, output: 0.22 },
  "mistral-7b": { input: 0.08, output: 0.1 },
};

/** The same by SQL, with the minute of the warehouse that it starts. */
export function sqlCostUsd(model: string, inputTokens: number, outputTokens: number, creditPriceUsd: number): number {
  const { input, output } = MODEL_CREDITS[model] ?? MODEL_CREDITS["claude-sonnet-4-6"]!;
  return ((inputTokens * input + outputTokens * output) / 1e6 + MINUTE_CREDITS) * creditPriceUsd;
}

/** XS: a credit an hour, by the second, but a minute at each start at least. */
const MINUTE_CREDITS = 1 / 60;
/** Snowpipe Streaming, since 2025-12-08. */
const CREDITS_PER_GB = 0.0037;
/** An assumption, on the cautious side: how long an XS warehouse merges the rows of one instance's hour. */
const MERGE_SECONDS_PER_INSTANCE_HOUR = 0.01;
const SUSPENDS_AFTER_SECONDS = 60;

const FIVE_MINUTES_AN_HOUR = 12;
const SERIES_OF_AN_INSTANCE = 40;
/** As JSON, uncompressed, which is how Snowflake counts them. */
const BYTES_PER_ROW = 245;
const BYTES_PER_INSTANCE_HOUR = FIVE_MINUTES_AN_HOUR * SERIES_OF_AN_INSTANCE * BYTES_PER_ROW;

const HOURS_A_MONTH = 730;
const DAYS_A_MONTH = HOURS_A_MONTH / 24;

export interface ExportCost {
  way: ExportWay;
  everyHours: number;
  /** For a month. */
  usd: number;
  says: string;
}

/** What each choice of how and how often costs in a month for a fleet of so many instances. */
export function exportCosts(
  instances: number,
  { creditPriceUsd }: Pick<SnowflakeSettings, "creditPriceUsd">,
): ExportCost[] {
  const gigabytes = (instances * BYTES_PER_INSTANCE_HOUR * HOURS_A_MONTH) / 1e9;
  const streaming = EXPORT_EVERY_HOURS.map((everyHours) => {
    const usd = cents(gigabytes * CREDITS_PER_GB * creditPriceUsd);
    return {
      way: "streaming" as const,
      everyHours,
      usd,
      says: `About ${gigabytesText(gigabytes)} a month by Snowpipe Streaming, which starts no warehouse: ${dollars(usd)}.`,
    };
  });
  const merge = EXPORT_EVERY_HOURS.map((everyHours) => {
    const starts = HOURS_A_MONTH / everyHours;
    const workSeconds = instances * everyHours * MERGE_SECONDS_PER_INSTANCE_HOUR;
    // It stays on for a minute after its work before it suspends itself.
    const minutes = Math.max(1, (workSeconds + SUSPENDS_AFTER_SECONDS) / 60);
    const usd = cents(starts * minutes * MINUTE_CREDITS * creditPriceUsd);
    const often = everyHours === 24 ? "once a day" : `${Math.round(starts / DAYS_A_MONTH)} times a day`;
    return {
      way: "merge" as const,
      everyHours,
      usd,
      says: `The warehouse starts ${often}, for a minute or more each time, a credit being ${dollars(creditPriceUsd)}: ${dollars(usd)}.`,
    };
  });
  return [...streaming, ...merge];
}

function cents(usd: number): number {
  return Math.round(usd * 100) / 100;
}

function dollars(usd: number): string {
  return usd > 0 && usd < 0.01 ? "less than $0.01" : `$${usd.toFixed(2)}`;
}

function gigabytesText(gigabytes: number): string {
  return gigabytes < 1 ? `${Math.max(1, Math.round(gigabytes * 1_000))} MB` : `${gigabytes.toFixed(1)} GB`;
}
