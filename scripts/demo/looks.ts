import { CHECK_ID_PREFIX } from "../../contract/limits.ts";
import type { Readings } from "../../contract/metric.ts";
import type { Region } from "../../contract/regions.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { hashOf } from "../../worker/auth/secret.ts";
import { noise, wave } from "./noise.ts";
import { inOrder, oldSpells, spellAt, type Spell } from "./spells.ts";

const MINUTE_MS: DurationMs = 60_000;
const HOUR_MS: DurationMs = 60 * MINUTE_MS;
const DAY_MS: DurationMs = 24 * HOUR_MS;

export const DEMO_REGIONS: readonly Region[] = ["weur", "enam", "apac"];

/** What the demo's checks look at, and how it fares. */
export interface Look {
  name: string;
  kind: "http" | "open port" | "closed port" | "beat" | "late beat";
  /** Of an HTTP check. */
  path?: string;
  /** Of a heartbeat: how often it is to call. */
  periodMs?: DurationMs;
  /** The number of its instance in the fleet. */
  instance?: number;
  tags: string[];
  /** What an answer takes on an ordinary evening. */
  ms: DurationMs;
  isPaused?: boolean;
  /** Since when before the demo began it has been in trouble, and in which. */
  trouble?: { beforeMs: DurationMs; verdict: "degraded" | "down"; reason: string };
  /** A bad hour within the last day. */
  badHour?: { beforeMs: DurationMs; lastedMs: DurationMs };
}

/** How often its exporter calls. */
export const BEAT_PERIOD_MS: DurationMs = 5 * MINUTE_MS;

export const LOOKS: readonly Look[] = [
  { name: "Storefront", kind: "http", path: "/", instance: 0, tags: ["shop"], ms: 62 },
  { name: "Storefront, Europe", kind: "http", path: "/eu/", instance: 6, tags: ["shop"], ms: 48 },
  {
    name: "Checkout API",
    kind: "http",
    path: "/api/checkout/health",
    instance: 1,
    tags: ["shop", "api"],
    ms: 130,
    badHour: { beforeMs: 7 * HOUR_MS, lastedMs: 42 * MINUTE_MS },
  },
  { name: "Cart API", kind: "http", path: "/api/cart/health", instance: 7, tags: ["shop", "api"], ms: 85 },
  { name: "Accounts API", kind: "http", path: "/api/accounts/health", instance: 13, tags: ["api"], ms: 95 },
  {
    name: "Search",
    kind: "http",
    path: "/api/search?q=boots",
    instance: 19,
    tags: ["shop", "api"],
    ms: 420,
    trouble: { beforeMs: 3 * HOUR_MS, verdict: "degraded", reason: "slow: 1.5 s" },
  },
  {
    name: "Payments webhook",
    kind: "http",
    path: "/hooks/payments",
    instance: 18,
    tags: ["shop"],
    ms: 70,
    trouble: { beforeMs: 50 * MINUTE_MS, verdict: "down", reason: "HTTP answered 503 to 3 of 3 regions" },
  },
  { name: "Product images", kind: "http", path: "/images/health", instance: 12, tags: ["shop"], ms: 35 },
  { name: "Back office", kind: "http", path: "/admin/login", tags: ["staff"], ms: 210 },
  { name: "Old storefront", kind: "http", path: "/v1/", tags: ["shop"], ms: 160, isPaused: true },
  { name: "Bastion", kind: "open port", tags: ["staff"], ms: 2 },
  {
    name: "Orders database",
    kind: "closed port",
    instance: 14,
    tags: ["db"],
    ms: 2,
    trouble: { beforeMs: 25 * MINUTE_MS, verdict: "down", reason: "port refused from 3 of 3 regions" },
  },
  { name: "Order export", kind: "beat", periodMs: BEAT_PERIOD_MS, instance: 4, tags: ["shop"], ms: 0 },
  {
    name: "Nightly backup",
    kind: "late beat",
    periodMs: DAY_MS,
    tags: ["db"],
    ms: 0,
    trouble: { beforeMs: 2 * HOUR_MS, verdict: "down", reason: "no call for 25 h; expected every 24 h" },
  },
];

/** The same with every start, so that it is found again. */
export const checkIdOf = ({ name }: Look) => CHECK_ID_PREFIX + hashOf(name).slice(0, 16);

export const isHeartbeat = ({ kind }: Look) => kind === "beat" || kind === "late beat";

/** A night in which Nephos itself could not look. */
const blindNight = (bornAt: EpochMs): Spell => {
  const from = bornAt - 26 * DAY_MS;
  return { from, to: from + 200 * MINUTE_MS, verdict: "unsure", reason: "our own probers failed" };
};

/** What this check has been through up to the beginning of the demo, and is in since. */
export function spellsOf(look: Look, number: number, bornAt: EpochMs): Spell[] {
  if (look.isPaused) return [];
  const { trouble, badHour } = look;
  const now = trouble ? [{ ...trouble, from: bornAt - trouble.beforeMs, to: Infinity }] : [];
  const bad = badHour ? [slowFor(bornAt - badHour.beforeMs, badHour.lastedMs)] : [];
  if (isHeartbeat(look)) return now;
  const subject = look.kind === "http" ? "HTTP" : "port";
  const old = oldSpells(
    number,
    { down: `${subject} timed out, seen from 3 of 3 regions`, slow: "slow: 1.2 s" },
    bornAt,
  );
  // An open port has nothing to be slow with.
  const past = look.kind === "http" ? old : old.filter(({ verdict }) => verdict === "down");
  return inOrder([...now, ...bad, blindNight(bornAt), ...past]);
}

function slowFor(from: EpochMs, lastedMs: DurationMs): Spell {
  return { from, to: from + lastedMs, verdict: "degraded", reason: "slow: 1.2 s" };
}

/** How long an answer takes at a moment: a function of the check and the time alone, so past and live are one curve. */
export function responseMsAt(look: Look, number: number, spells: readonly Spell[], at: EpochMs): DurationMs {
  const day = wave(at, DAY_MS, number / LOOKS.length);
  const wander =
    0.75 + 0.35 * day + 0.3 * noise(number, 40, at, 9 * MINUTE_MS) + 0.25 * noise(number, 41, at, 2 * MINUTE_MS);
  if (spellAt(spells, at)?.verdict !== "degraded") return look.ms * wander;
  // Past a second whatever it is that is slow.
  return 1_150 + 550 * noise(number, 42, at, 12 * MINUTE_MS);
}

/** What a round at that moment would have recorded; undefined where nobody could tell. */
export function roundAt(look: Look, number: number, spells: readonly Spell[], at: EpochMs): Readings | undefined {
  const verdict = spellAt(spells, at)?.verdict ?? "up";
  if (verdict === "unsure" || look.isPaused) return undefined;
  const readings: Readings = { check_up: verdict === "down" ? 0 : 1, check_degraded: verdict === "degraded" ? 1 : 0 };
  if (isHeartbeat(look)) return readings;
  for (const region of DEMO_REGIONS) readings[`probe_up:${region}`] = readings["check_up"]!;
  if (verdict === "down") return readings;
  const times = DEMO_REGIONS.map((_, place) => {
    return (
      Math.round(responseMsAt(look, number, spells, at) * (1 + JITTER * noise(number, 50 + place, at, MINUTE_MS))) /
      1_000
    );
  });
  for (const [place, region] of DEMO_REGIONS.entries()) readings[`probe_response_seconds:${region}`] = times[place]!;
  readings["check_response_seconds"] = times.toSorted((a, b) => a - b)[1]!;
  return readings;
}

/** By how much one answer differs from the next. */
export const JITTER = 0.08;
