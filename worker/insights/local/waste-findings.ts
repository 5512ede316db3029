import type { DurationMs, EpochMs } from "../../../contract/units.ts";
import type { Finding, Machine, MachineHistory } from "../engine.ts";
import { momentInWords } from "../words/moment.ts";
import { nounOf } from "../words/metric-noun.ts";
import { countOf, namesInWords } from "../words/names.ts";
import { moneyInWords, readingInWords } from "../words/quantity.ts";
import { EvidenceList } from "./evidence-list.ts";
import type { Weighed } from "./few.ts";
import { oversized, oversizedFindings, type Oversized } from "./oversized.ts";
import { lastHeardAt, usedOver, type Used } from "./use-of.ts";
import { chartOf, costOf, empty, HEARD_MIN, OVER_MS, said, usedWords, WASTE_LASTS_MS, weighed } from "./waste-parts.ts";

const DAY: DurationMs = 86_400_000;
/** Silence of so many days is no outage any more. */
const SILENT_MS: DurationMs = 7 * DAY;

/** What a machine that does nothing uses for itself: its own jobs, its agent, those who knock at every address. */
const IDLE = {
  cpu_busy_ratio: { most: 0.05, peak: 0.2 },
  network_receive_bytes_per_second: { most: 10_000, peak: 200_000 },
  network_transmit_bytes_per_second: { most: 10_000, peak: 200_000 },
  disk_util_ratio: { most: 0.03, peak: 0.25 },
} as const;

/** What is paid for and not used. A price is told where it is known; where a machine is too large, what a smaller one costs is not. */
export function wasteFindings(histories: readonly MachineHistory[], now: EpochMs): Weighed[] {
  const unheard = histories.filter(({ machine, hourly }) => isUnheard(machine, hourly, now)).map((one) => one.machine);
  const large: Oversized[] = [];
  const alone = histories.flatMap(({ machine, hourly }) => {
    const found = silent(machine, hourly, now) ?? idle(machine, hourly, now);
    const tooLarge = found ? null : oversized(machine, hourly, now);
    if (tooLarge) large.push(tooLarge);
    return found ?? [];
  });
  return [...alone, ...oversizedFindings(large, now), ...(unheard.length > 0 ? [neverHeard(unheard, now)] : [])];
}

function idle(machine: Machine, hourly: MachineHistory["hourly"], now: EpochMs): Weighed | null {
  const uses: [metric: string, used: Used][] = [];
  for (const [metric, { most, peak }] of Object.entries(IDLE)) {
    const used = usedOver(hourly, metric, OVER_MS, now);
    // Not every system tells how busy its disk is; all else must be known.
    if (!used && metric === "disk_util_ratio") continue;
    if (!used || used.heard < HEARD_MIN || used.most > most || used.peak > peak) return null;
    uses.push([metric, used]);
  }
  const evidence = new EvidenceList();
  const ids = uses.map(([metric, used]) =>
    evidence.add(usedWords(machine, metric, used), said(machine, metric, used, now)),
  );
  const cost = costOf(evidence, machine);
  const claims: Finding["claims"] = [
    {
      text: `${machine.name} did nearly nothing for 14 days: ${uses.map(([metric, { most }]) => `${nounOf(metric)} at most ${readingInWords(metric, most)}`).join(", ")} in 19 of 20 hours.`,
      evidence: ids,
    },
  ];
  if (cost) claims.push({ text: `It costs ${cost.words} a month, all of which can be saved.`, evidence: [cost.id] });
  return weighed(
    machine,
    "idle",
    {
      title: `${machine.name} does nearly nothing${cost ? ` and costs ${cost.words} a month` : ""}`,
      claims,
      actions: [
        `Ask whoever set up ${machine.name} whether it is still needed; if not, keep a copy of its disk and remove it.`,
      ],
      metrics: uses.map(([metric]) => metric),
      basis: `Readings of ${Math.round(Math.min(...uses.map(([, used]) => used.heard)) * 100)} % of 14 days`,
      evidence: evidence.rows,
      chart: chartOf(machine, ["cpu_busy_ratio", "network_transmit_bytes_per_second"], now),
      monthlySaving: machine.monthlyCost,
    },
    1,
  );
}

function silent(machine: Machine, hourly: MachineHistory["hourly"], now: EpochMs): Weighed | null {
  const last = lastHeardAt(hourly);
  if (last === null || now - last < SILENT_MS || machine.monthlyCost === null) return null;
  const evidence = new EvidenceList();
  const days = countOf(Math.floor((now - last) / DAY), "day");
  const heard = evidence.add(`The last reading of ${machine.name} is of ${momentInWords(last, now)}.`, {
    machine,
    from: last,
    to: now,
  });
  const cost = costOf(evidence, machine)!;
  return weighed(
    machine,
    "silent",
    {
      title: `${machine.name} has been silent for ${days} and costs ${cost.words} a month`,
      claims: [
        {
          text: `Nothing has been heard from ${machine.name} since ${momentInWords(last, now)}, for ${days}: it is switched off, or its agent is gone.`,
          evidence: [heard],
        },
        {
          text: `It costs ${cost.words} a month; providers charge for most machines that are switched off as well.`,
          evidence: [cost.id],
        },
      ],
      actions: [`See at the provider whether ${machine.name} still runs; remove it, or start its agent.`],
      metrics: [],
      basis: "Whether anything was heard, and the price",
      evidence: evidence.rows,
      chart: null,
      monthlySaving: machine.monthlyCost,
    },
    0.9,
  );
}

function isUnheard(machine: Machine, hourly: MachineHistory["hourly"], now: EpochMs): boolean {
  return machine.monthlyCost !== null && now - machine.firstSeenAt >= SILENT_MS && lastHeardAt(hourly) === null;
}

function neverHeard(machines: readonly Machine[], now: EpochMs): Weighed {
  const order = machines.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const evidence = new EvidenceList();
  const isOne = order.length === 1;
  const all = isOne
    ? []
    : [evidence.add(`${countOf(order.length, "instance")} have a price and have sent no reading in 60 days.`)];
  const ids = order
    .slice(0, 20)
    .map((machine) =>
      evidence.add(
        `${machine.name} is known since ${momentInWords(machine.firstSeenAt, now)}, costs ${moneyInWords(machine.monthlyCost!)} a month, and has sent no reading in 60 days.`,
        { machine, value: machine.monthlyCost!.amount },
      ),
    );
  const names = namesInWords(order.map(({ name }) => name));
  return {
    weight: 0.5,
    finding: {
      key: `waste unheard ${order[0]!.id}`,
      ...empty(),
      severity: "info",
      title: `${names} ${isOne ? "is" : "are"} paid for and ${isOne ? "sends" : "send"} nothing`,
      claims: [
        {
          text: `${isOne ? `${names} is` : `${countOf(order.length, "instance")} are`} paid for, and ${isOne ? "has" : "have"} sent no readings: nobody can tell whether ${isOne ? "it is" : "they are"} used.`,
          evidence: [...all, ...ids],
        },
      ],
      actions: ["Set up the agent there, or remove what nobody needs."],
      subjects: order.map(({ id, name }) => ({ id, name })),
      metrics: [],
      basis: "Whether anything was heard, and the price",
      evidence: evidence.rows,
      chart: null,
      monthlySaving: null,
      lastsMs: WASTE_LASTS_MS,
    },
  };
}
