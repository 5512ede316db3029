import type { EpochMs } from "../../../contract/units.ts";
import type { Finding, Machine, MachineHistory } from "../engine.ts";
import { countOf, namesInWords } from "../words/names.ts";
import { bytesInWords, readingInWords } from "../words/quantity.ts";
import { EvidenceList } from "./evidence-list.ts";
import type { Weighed } from "./few.ts";
import { usedOver, type Used } from "./use-of.ts";
import { chartOf, costOf, empty, HEARD_MIN, OVER_MS, said, usedWords, WASTE_LASTS_MS, weighed } from "./waste-parts.ts";

/** With half of it, this would be used to 80 and 90 of 100, and the peaks would still fit. */
const HALF_CPU = { most: 0.4, peak: 0.5 };
const HALF_MEMORY = { most: 0.45, peak: 0.5 };
const GIB = 2 ** 30;
/** So many of one size are one finding: they were ordered together, and are looked at together. */
const MANY = 4;
const WEIGHT = 0.4;
const METRICS = ["cpu_busy_ratio", "memory_used_ratio"];

/** A machine of which half would be enough. */
export interface Oversized {
  machine: Machine;
  cpu: Used;
  memory: Used;
}

/** Whether half of a machine's processors and memory would have been enough for two weeks; null where not, or where it cannot be told. */
export function oversized(machine: Machine, hourly: MachineHistory["hourly"], now: EpochMs): Oversized | null {
  const cpu = usedOver(hourly, "cpu_busy_ratio", OVER_MS, now);
  const memory = usedOver(hourly, "memory_used_ratio", OVER_MS, now);
  if (!cpu || !memory || cpu.heard < HEARD_MIN || memory.heard < HEARD_MIN) return null;
  if (cpu.most > HALF_CPU.most || cpu.peak > HALF_CPU.peak) return null;
  if (memory.most > HALF_MEMORY.most || memory.peak > HALF_MEMORY.peak) return null;
  // What cannot be halved is not too large: one processor, or a gigabyte.
  if ((machine.cpuCount ?? 0) < 2 || (machine.memoryBytes ?? 0) < 1.8 * GIB) return null;
  return { machine, cpu, memory };
}

/** A finding for each; many of one plan or size are one. */
export function oversizedFindings(all: readonly Oversized[], now: EpochMs): Weighed[] {
  const bySize = Map.groupBy(all, ({ machine }) => machine.plan ?? `${machine.cpuCount} ${machine.memoryBytes}`);
  return [...bySize.values()].flatMap((same) =>
    same.length >= MANY ? [ofMany(same, now)] : same.map((one) => ofOne(one, now)),
  );
}

function ofOne({ machine, cpu, memory }: Oversized, now: EpochMs): Weighed {
  const evidence = new EvidenceList();
  const ids = [
    evidence.add(usedWords(machine, "cpu_busy_ratio", cpu), said(machine, "cpu_busy_ratio", cpu, now)),
    evidence.add(usedWords(machine, "memory_used_ratio", memory), said(machine, "memory_used_ratio", memory, now)),
    evidence.add(
      `In 199 of 200 hours of 14 days ${machine.name} used at most ${readingInWords("cpu_busy_ratio", cpu.peak)} of its processors and ${readingInWords("memory_used_ratio", memory.peak)} of its memory, hardly ever more than half of either.`,
      { machine, from: now - OVER_MS, to: now },
    ),
  ];
  const size = sizeOf(machine);
  const has = evidence.add(`${machine.name} has ${size}${machine.plan ? `, plan ${machine.plan}` : ""}.`, { machine });
  const cost = costOf(evidence, machine);
  const claims: Finding["claims"] = [
    {
      text: `In 19 of 20 hours of 14 days ${machine.name} used at most ${readingInWords("cpu_busy_ratio", cpu.most)} of its processors and ${readingInWords("memory_used_ratio", memory.most)} of its memory, and hardly ever more than half of either.`,
      evidence: ids,
    },
    { text: `It has ${size}: half of that would be enough.`, evidence: [has, ...ids] },
  ];
  if (cost)
    claims.push({
      text: `It costs ${cost.words} a month; what a smaller plan saves is in its provider's list.`,
      evidence: [cost.id],
    });
  return weighed(
    machine,
    "oversized",
    {
      title: `${machine.name} uses less than half of what it has`,
      claims,
      actions: [`Move ${machine.name} to a plan half its size, at a quiet hour; look at its peaks first.`],
      metrics: METRICS,
      basis: `Readings of ${Math.round(Math.min(cpu.heard, memory.heard) * 100)} % of 14 days, means of an hour each`,
      evidence: evidence.rows,
      chart: chartOf(machine, METRICS, now),
      monthlySaving: null,
    },
    WEIGHT,
  );
}

function ofMany(given: readonly Oversized[], now: EpochMs): Weighed {
  const order = given.toSorted((a, b) => (a.machine.id < b.machine.id ? -1 : 1));
  const [{ machine: first }] = order as [Oversized];
  const evidence = new EvidenceList();
  const most = (of: "cpu" | "memory") => Math.max(...order.map((one) => one[of].most));
  const ofPlan = first.plan ? ` of plan ${first.plan}` : "";
  const all = evidence.add(
    `None of ${countOf(order.length, "instance")}${ofPlan} used more than ${readingInWords("cpu_busy_ratio", most("cpu"))} of its processors or ${readingInWords("memory_used_ratio", most("memory"))} of its memory in 19 of 20 hours of 14 days, and hardly ever more than half of either.`,
    { from: now - OVER_MS, to: now },
  );
  const ids = order
    .slice(0, 20)
    .map(({ machine, cpu, memory }) =>
      evidence.add(
        `${machine.name} used at most ${readingInWords("cpu_busy_ratio", cpu.most)} of its processors and ${readingInWords("memory_used_ratio", memory.most)} of its memory in 19 of 20 hours of 14 days.`,
        { machine, metric: "cpu_busy_ratio", value: cpu.most, from: now - OVER_MS, to: now },
      ),
    );
  const has = evidence.add(`${first.name} has ${sizeOf(first)}${first.plan ? `, plan ${first.plan}` : ""}.`, {
    machine: first,
  });
  const names = namesInWords(order.map(({ machine }) => machine.name));
  const claims: Finding["claims"] = [
    {
      text: `${countOf(order.length, "instance")}${ofPlan} used less than half of their processors and memory for 14 days, but for rare peaks.`,
      evidence: [all, ...ids],
    },
    {
      text: `${first.name}, for example, has ${sizeOf(first)}: half of that would be enough.`,
      evidence: [has, all, ids[0]!],
    },
  ];
  const cost = costOf(evidence, first);
  if (cost)
    claims.push({
      text: `${first.name} costs ${cost.words} a month; what a smaller plan saves is in its provider's list.`,
      evidence: [cost.id],
    });
  return {
    weight: 1 + WEIGHT * Math.log1p(order.reduce((sum, { machine }) => sum + (machine.monthlyCost?.amount ?? 0), 0)),
    finding: {
      key: `waste oversized group ${first.id}`,
      ...empty(),
      severity: "info",
      title: `${names} use less than half of what they have`,
      claims,
      actions: [
        "Move them to a plan half their size, one after the other, at a quiet hour; look at their peaks first.",
      ],
      subjects: order.map(({ machine: { id, name } }) => ({ id, name })),
      metrics: METRICS,
      basis: `Readings of at least ${HEARD_MIN * 100} % of 14 days, means of an hour each`,
      evidence: evidence.rows,
      chart: { ...chartOf(first, METRICS, now)!, subjects: order.slice(0, 8).map(({ machine }) => machine.id) },
      monthlySaving: null,
      lastsMs: WASTE_LASTS_MS,
    },
  };
}

function sizeOf(machine: Machine): string {
  return `${countOf(machine.cpuCount!, "processor")} and ${bytesInWords(machine.memoryBytes!)} of memory`;
}
