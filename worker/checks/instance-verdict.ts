import type { CheckKind } from "../../contract/checks.ts";
import { STALE_AFTER_INTERVALS } from "../../contract/limits.ts";
import type { CloudStatus } from "../../contract/providers.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Verdict } from "../../contract/verdict.ts";
import { instanceWitnesses } from "./instance-witnesses.ts";
import type { Finding } from "./judgement.ts";
import { lasting } from "./words.ts";

/** What is heard of an instance; who never had an agent, or is of no cloud, is null. */
export interface Heard {
  provider: ProviderWord | null;
  agent: { lastSampleAt: EpochMs; intervalMs: DurationMs } | null;
  /** Those that have been judged, and are not paused. */
  checks: readonly CheckWord[];
}

export interface ProviderWord {
  name: string;
  status: CloudStatus;
  /** In the provider's words. */
  statusText: string;
  impaired: string | null;
  asOf: EpochMs;
  /** False where its API has failed for long: then its word is no witness. */
  isFresh: boolean;
}

export interface CheckWord {
  kind: CheckKind;
  name: string;
  verdict: Verdict;
  reason: string;
  reachesHost: boolean | null;
  at: EpochMs;
}

/** Who sends every second has not gone silent within three of them. */
const SILENT_MIN_MS: DurationMs = 3 * 60_000;

/** What the rows below go by. */
export interface Signals {
  provider: ProviderWord | null;
  /** The provider's word, where it is one. */
  status: CloudStatus | null;
  agent: "speaks" | "silent" | null;
  silence: string;
  /** A check that is well, or nearly, and has reached the host. */
  answering: CheckWord | undefined;
  reachesHost: boolean;
  /** One that is down and says something of the machine, which a name does not; before a job's, one that looked at it. */
  down: CheckWord | undefined;
  worst: CheckWord | undefined;
  checks: readonly CheckWord[];
}

type Row = [when: (of: Signals) => unknown, verdict: Verdict, reason: (of: Signals, now: EpochMs) => string];

const isOff = ({ status }: Signals) => status === "stopped" || status === "suspended";

/**
 * The first row that holds. A machine that its provider says is off needs no second witness: it is the provider who switches it off.
 * Whatever else is down has two witnesses, or a check's quorum of regions.
 */
const ROWS: readonly Row[] = [
  [(of) => isOff(of) && of.agent === "speaks", "unsure", (of) => `${provider(of)}, but the agent speaks`],
  [(of) => isOff(of) && of.answering, "unsure", (of) => `${provider(of)}, but ${of.answering!.name} answers`],
  [(of) => isOff(of) && of.agent === "silent", "down", (of) => `${provider(of)} and agent ${of.silence}`],
  [isOff, "down", provider],

  [(of) => of.down && of.agent === "speaks", "degraded", (of) => `host up, ${said(of.down!, of)}`],
  [(of) => of.down && of.answering, "degraded", (of) => `host answers, ${said(of.down!, of)}${butSilent(of)}`],
  [(of) => of.down && of.agent === "silent", "down", (of) => `${said(of.down!, of)} and agent ${of.silence}`],
  [(of) => of.down && of.reachesHost, "degraded", (of) => `host answers, ${said(of.down!, of)}`],
  [(of) => of.down && of.down.reachesHost === false, "down", (of) => said(of.down!, of)],

  [(of) => of.agent === "silent" && of.answering, "degraded", (of) => `agent ${of.silence}, host answers`],
  [(of) => of.status !== null && of.provider!.impaired, "degraded", impaired],
  [isMoving, "unsure", provider],
  [(of) => of.agent === "silent", "unsure", (of) => `agent ${of.silence}, and ${nobodyElse(of)}`],

  [(of) => of.worst, "degraded", (of) => said(of.worst!, of)],
  [(of) => of.answering && of.agent === "speaks", "up", () => "host answers and agent speaks"],
  [(of) => of.answering, "up", () => "host answers"],
  [(of) => of.agent === "speaks", "up", () => "agent speaks"],
  [(of) => of.checks.some(({ verdict }) => verdict === "up"), "up", (of) => said(of.checks.find(isUp)!, of)],
  [(of) => of.checks.length > 0, "unsure", (of) => said(of.checks[0]!, of)],
  [(of) => of.status === "running", "up", provider],
  [(of) => of.provider, "unsure", withoutWord],
];

/** What is true of an instance; null where there is nothing to go by at all. */
export function judgeInstance(heard: Heard, now: EpochMs): Finding | null {
  const signals = signalsOf(heard, now);
  const row = ROWS.find(([when]) => when(signals));
  if (!row) return null;
  const [, verdict, reason] = row;
  return { verdict, reason: reason(signals, now), witnesses: instanceWitnesses(signals, heard.agent, now) };
}

function signalsOf({ provider: word, agent, checks }: Heard, now: EpochMs): Signals {
  // Below zero where the clock was set back since: it counts as now.
  const silentMs = agent ? now - agent.lastSampleAt : 0;
  const isSilent = agent && silentMs > Math.max(SILENT_MIN_MS, STALE_AFTER_INTERVALS * agent.intervalMs);
  const down = checks.filter(({ verdict, kind }) => verdict === "down" && kind !== "dns");
  return {
    provider: word,
    status: word?.isFresh && word.status !== "unknown" ? word.status : null,
    agent: agent && (isSilent ? "silent" : "speaks"),
    silence: `silent for ${lasting(silentMs)}`,
    answering: checks.find((check) => check.reachesHost === true && (isUp(check) || check.verdict === "degraded")),
    reachesHost: checks.some(({ reachesHost }) => reachesHost === true),
    down: down.find(({ reachesHost }) => reachesHost !== null) ?? down[0],
    worst: checks.find(({ verdict }) => verdict === "down") ?? checks.find(({ verdict }) => verdict === "degraded"),
    checks,
  };
}

const isUp = ({ verdict }: CheckWord) => verdict === "up";

function isMoving({ status, agent, answering }: Signals): boolean {
  return (status === "starting" || status === "stopping") && agent !== "speaks" && !answering;
}

function provider({ provider: word }: Signals): string {
  return `${word!.name} says ${word!.status}`;
}

function impaired(of: Signals): string {
  return `${of.provider!.name} finds it impaired: ${of.provider!.impaired}${butSilent(of)}`;
}

function withoutWord({ provider: word }: Signals, now: EpochMs): string {
  if (word!.isFresh) return `${word!.name} does not say how it is`;
  return `${word!.name} has not answered for ${lasting(now - word!.asOf)}`;
}

const nobodyElse = ({ checks }: Signals) => (checks.length > 0 ? "nobody else can tell" : "nothing else looks");
const butSilent = (of: Signals) => (of.agent === "silent" ? `, agent ${of.silence}` : "");

/** A check's reason; of several with the check's name. */
function said({ name, reason }: CheckWord, { checks }: Signals): string {
  return checks.length > 1 ? `${name}: ${reason}` : reason;
}
