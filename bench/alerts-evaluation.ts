import { conditionSchema, type Condition } from "../contract/rules.ts";
import type { DurationMs, EpochMs } from "../contract/units.ts";
import { Evaluation, type Decision, type Subject } from "../worker/alerts/evaluation.ts";
import { silenceReading, verdictReading } from "../worker/alerts/measure.ts";
import type { RuleRow } from "../worker/alerts/table.ts";
import { packKey } from "../worker/series/packed.ts";
import { TICK_EVERY_MS } from "../worker/settings.ts";
import { median, round } from "./figures.ts";

const SUBJECTS = 5_000;
const EVERY_MS: DurationMs = 30_000;
const WARM_UP_ROUNDS = 5;
const ROUNDS = 11;
/** Readings over some threshold now and then, which lasts for no rule. */
const UNWELL = 0.02;
/** One in so many is hot for some minutes in turn with as many of rest: it fires and is resolved. */
const TROUBLED_ONE_IN = 50;
const TROUBLED_ROUNDS = 6;
const MINUTE = 60_000;
const HOLD_MS: DurationMs = 2 * MINUTE;

const METRICS = [
  "cpu_busy_ratio",
  "cpu_iowait_ratio",
  "cpu_steal_ratio",
  "memory_used_ratio",
  "swap_used_ratio",
  "filesystem_used_ratio",
  "filesystem_inodes_used_ratio",
  "disk_util_ratio",
  "pressure_cpu_some_ratio",
  "pressure_memory_some_ratio",
  "pressure_io_some_ratio",
  "filesystem_used_ratio:/",
  "filesystem_used_ratio:/var",
  "disk_util_ratio:vda",
  "load_1m",
  "load_5m",
  "load_15m",
  "processes_total",
  "network_receive_bytes_per_second",
  "network_transmit_bytes_per_second",
] as const;

/** Thirty, of every kind, and all of them about every instance. */
const CONDITIONS: Condition[] = [
  ...METRICS.map((metric) => ({
    kind: "metric",
    metric,
    direction: "above",
    warning: 0.8,
    critical: 0.9,
    recovery: 0.7,
  })),
  ...["memory_used_ratio", "filesystem_used_ratio", "load_1m"].map((metric) => ({
    kind: "change",
    metric,
    direction: "rises",
    overMs: 10 * MINUTE,
    warning: 0.9,
  })),
  { kind: "reboot" },
  { kind: "silence", warning: 3 * MINUTE },
  { kind: "verdict", of: "instance" },
  { kind: "verdict", of: "instance", degraded: "warning" },
  { kind: "provider" },
  { kind: "forecast", metric: "filesystem_used_ratio", warning: 86_400_000 },
  { kind: "forecast", metric: "memory_used_ratio", warning: 86_400_000 },
].map((condition) => conditionSchema.parse(condition));

const SERIES = 60;
/** What a sample holds beside what rules are about. */
const OTHERS = Array.from({ length: SERIES - METRICS.length - 1 }, (_, index) => `custom_${index}`);
const KEYS = [...METRICS.slice(0, 10), ...OTHERS, ...METRICS.slice(10), "uptime_seconds"].map(packKey);

interface Sampled {
  subject: Subject;
  /** The same list from sample to sample, as over a socket. */
  keys: readonly string[];
  values: Float64Array;
}

/** What holding every rule against every sample takes of one processor, in percent, with 5,000 instances at 30 s and thirty rules. */
export function evaluationShare(): { corePercent5000x30: number } {
  const evaluation = new Evaluation();
  const now = Date.now();
  evaluation.setRules(CONDITIONS.map(ruleOf), []);
  const fleet = Array.from({ length: SUBJECTS }, (_, index) => sampledOf(index, now));
  let at: EpochMs = now;
  let decided = 0;
  const rounds = (take: (sampled: Sampled, decisions: Decision[]) => void): number[] => {
    const times: number[] = [];
    for (let turn = 0; turn < WARM_UP_ROUNDS + ROUNDS; turn++) {
      at += EVERY_MS;
      for (const sampled of fleet) drift(sampled);
      const isHot = Math.floor(turn / TROUBLED_ROUNDS) % 2 === 0;
      for (let index = 0; index < SUBJECTS; index += TROUBLED_ONE_IN) fleet[index]!.values[0] = isHot ? 0.95 : 0.4;
      const before = process.cpuUsage();
      for (const sampled of fleet) {
        const decisions: Decision[] = [];
        take(sampled, decisions);
        decided += decisions.length;
      }
      const { user, system } = process.cpuUsage(before);
      // What moved is written down elsewhere; it must not gather here.
      evaluation.moved.clear();
      if (turn >= WARM_UP_ROUNDS) times.push((user + system) / 1_000);
    }
    return times;
  };
  const sample = ({ subject, values }: Sampled, keys: readonly string[], decisions: Decision[]) => {
    evaluation.sample(subject, at, keys, values, decisions);
    evaluation.reading(subject, "silence", at, () => 0, decisions);
  };
  const shared = rounds((one, decisions) => sample(one, one.keys, decisions));
  // Over HTTP every sample comes with a list of its own.
  const fresh = rounds((one, decisions) => sample(one, [...one.keys], decisions));
  const swept = rounds(({ subject }, decisions) => {
    evaluation.reading(subject, "verdict", at, () => verdictReading({ verdict: "up" }), decisions);
    evaluation.reading(subject, "provider", at, () => 0, decisions);
    evaluation.reading(subject, "silence", at, () => silenceReading(at - 10_000, at), decisions);
  });
  const percent = (times: number[], everyMs: DurationMs) => (median(times) / everyMs) * 100;
  console.error(
    `evaluation       ${SUBJECTS} instances × ${CONDITIONS.length} rules, ${SERIES} series: ${median(shared).toFixed(0)} ms of processor ` +
      `time a round (${shared.map((ms) => ms.toFixed(0)).join(", ")}), ${percent(shared, EVERY_MS).toFixed(2)} % at 30 s; with a list ` +
      `of keys in each sample ${median(fresh).toFixed(0)} ms, ${percent(fresh, EVERY_MS).toFixed(2)} %; a sweep ` +
      `${median(swept).toFixed(0)} ms, ${percent(swept, TICK_EVERY_MS).toFixed(3)} % every two minutes; ${decided} decisions`,
  );
  return { corePercent5000x30: round(percent(shared, EVERY_MS), 2) };
}

function ruleOf(condition: Condition, index: number): RuleRow {
  const scope = { tags: [], providers: [], regions: [], subjects: [] };
  const name = `Rule ${index}`;
  return {
    id: `rule-${index}`,
    name,
    isEnabled: true,
    isDefault: false,
    condition,
    scope,
    holdMs: HOLD_MS,
    keepFiringMs: HOLD_MS,
    createdAt: 0,
    updatedAt: 0,
  };
}

function sampledOf(index: number, now: EpochMs): Sampled {
  const id = `bench-${index}`;
  const facts = { subject: id, instanceId: id, tags: [], provider: null, region: "ewr" };
  const about = { everyMs: EVERY_MS, firstSeenAt: now - 86_400_000, checkKind: null };
  return {
    subject: { id, name: id, instanceId: id, place: "ewr", facts, ...about },
    keys: [...KEYS],
    values: Float64Array.from(KEYS, (_, place) => (place === KEYS.length - 1 ? 86_400 : 0.4)),
  };
}

/** A little up and down; not measured. */
function drift({ values }: Sampled): void {
  for (let place = 0; place < values.length - 1; place++)
    values[place] = Math.random() < UNWELL ? 0.95 : 0.2 + Math.random() * 0.4;
  values[values.length - 1]! += EVERY_MS / 1_000;
}
