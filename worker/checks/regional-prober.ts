import { DurableObject } from "cloudflare:workers";
import { TARGET_DEFAULTS } from "../../contract/check-kinds.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Region } from "../../contract/verdict.ts";
import { CONTROL_TIMEOUT_MS, PROBES_AT_ONCE } from "../settings.ts";
import type { ProbeOrder, ProbeOutcome, ProbeResult, RegionReport } from "./probe.ts";
import { probe } from "./probes/index.ts";
import { cloudflareTrouble } from "./probes/cloudflare-trouble.ts";
import { within } from "./probes/deadline.ts";
import { resolvingWith } from "./probes/dns.ts";
import { unable } from "./probes/outcome.ts";
import { isPlatformLimit } from "./probes/platform-limit.ts";

/** What one region is to look at, and how long it may take. */
export interface RegionOrder {
  region: Region;
  orders: ProbeOrder[];
  budgetMs: DurationMs;
  /** Asked where nothing else answers: any answer shows that the region's own network works. */
  controls: string[];
}

/** A place to look from, one object for each region. It keeps nothing. */
export class RegionalProber extends DurableObject<Env> {
  readonly #resolve = resolvingWith(TARGET_DEFAULTS.dns.resolver);

  async probe({ region, orders, budgetMs, controls }: RegionOrder): Promise<RegionReport> {
    const at = Date.now();
    const seen: Seen[] = [];
    const waiting = orders.entries();
    const line = async () => {
      for (const [index, order] of waiting) {
        const result = await this.#result(order, at + budgetMs);
        seen[index] = { result, endedAt: Date.now() };
      }
    };
    await Promise.all(Array.from({ length: PROBES_AT_ONCE }, line));
    const silent = silentSince(seen);
    const isAway = silent.size > 0 && controls.length > 0 && !(await anyAnswers(controls));
    const isBlind = isAway && !seen.some(({ result }) => wasHeard(result));
    const results = seen.map(({ result }) => (isAway && !isBlind && silent.has(result) ? lost(result) : result));
    return { region, at, results, isBlind, busyMs: Date.now() - at };
  }

  async #result(order: ProbeOrder, endsAt: EpochMs): Promise<ProbeResult> {
    const at = Date.now();
    return { checkId: order.checkId, at, ...(await this.#outcome(order, endsAt - at)) };
  }

  async #outcome(order: ProbeOrder, leftMs: DurationMs): Promise<ProbeOutcome> {
    // With less time than it asks for, what is slow would pass for what is down.
    if (leftMs < order.timeoutMs) return unable("no time was left");
    try {
      return await probe(order, this.#resolve);
    } catch (error) {
      if (isPlatformLimit(error)) return unable("no request was left");
      return unable(`was not looked at: our own prober failed (${error instanceof Error ? error.message : "unknown"})`);
    }
  }
}

interface Seen {
  result: ProbeResult;
  endedAt: EpochMs;
}

/**
 * What failed after somebody was heard for the last time: a network that went away in the middle takes these with it. A refused
 * connection is not somebody heard: the platform says the same words where its own way out is closed.
 */
function silentSince(seen: readonly Seen[]): Set<ProbeResult> {
  const heardAt = Math.max(0, ...seen.filter(({ result }) => wasHeard(result)).map(({ endedAt }) => endedAt));
  const after = seen.filter(
    ({ result, endedAt }) => result.kind === "failed" && !wasHeard(result) && endedAt >= heardAt,
  );
  return new Set(after.map(({ result }) => result));
}

function lost({ checkId, at }: ProbeResult): ProbeResult {
  return { checkId, at, ...unable("was not reached: our own network went away") };
}

function wasHeard(result: ProbeResult): boolean {
  if (result.kind === "unable") return false;
  return result.kind !== "failed" || result.phases.connectMs !== null || result.phases.firstByteMs !== null;
}

async function anyAnswers(controls: readonly string[]): Promise<boolean> {
  const answers = await Promise.all(controls.slice(0, PROBES_AT_ONCE).map(doesAnswer));
  return answers.includes(true);
}

async function doesAnswer(control: string): Promise<boolean> {
  try {
    return await within(CONTROL_TIMEOUT_MS, async (signal) => {
      const { status, headers, body } = await fetch(control, { signal, redirect: "manual", cache: "no-store" });
      await body?.cancel();
      // Where nobody is reached, Cloudflare answers in their place.
      return cloudflareTrouble(status, headers, "") === undefined;
    });
  } catch {
    return false;
  }
}
