import type { AnomalySpan } from "../../../contract/insights.ts";
import type { DurationMs, EpochMs } from "../../../contract/units.ts";
import type { Machine, MachineHistory } from "../engine.ts";
import { hourOfWeek, weekProfile } from "./week-profile.ts";
import { bySeries, familyOf, isWorthTelling } from "./worth-telling.ts";

const MINUTE: DurationMs = 60_000;
const HOUR: DurationMs = 60 * MINUTE;
/** What stood out is told for so long after it was over. */
export const TOLD_FOR_MS: DurationMs = 72 * HOUR;
/** Spans this far apart are of one time. */
const BESIDE_MS: DurationMs = 20 * MINUTE;
/** What has one cause on several machines begins within so long. */
const BEGUN_WITHIN_MS: DurationMs = 30 * MINUTE;
/** So many machines at one time have something in common. */
export const MANY = 3;
/**
 * A mark in a chart may be wrong now and then; what is told must hardly ever be. One series alone is told from this score on; where another
 * one stood out beside it, less is enough.
 */
const SURE_ALONE = 0.8;
const SURE_TOGETHER = 0.65;

/** A reading that stood out, above or below what is usual. */
export interface Stood {
  machine: Machine;
  span: AnomalySpan;
  isHigh: boolean;
}

/** Spans of one machine at one time. */
export interface Event {
  machine: Machine;
  from: EpochMs;
  to: EpochMs;
  stood: Stood[];
}

/** What of a machine's spans is young enough to be told, and far enough from what is usual to matter. */
export function stoodOut({ machine, spans, hourly }: MachineHistory, now: EpochMs): Stood[] {
  return spans.flatMap((given) => {
    if (given.to <= now - TOLD_FOR_MS || given.from > now) return [];
    const span = given.usualLow === null && given.usualHigh === null ? withUsual(given, hourly) : given;
    const { value, usualLow, usualHigh, metric } = span;
    const isLow = usualLow !== null && value <= usualLow;
    const isHigh = !isLow && (usualHigh === null || value >= usualHigh);
    // A shift within what is usual is told when it has stayed, as a level that changed.
    if (!isLow && !isHigh) return [];
    const nearest = isHigh ? usualHigh : usualLow;
    if (nearest !== null && !isWorthTelling(metric, nearest, value, 0.5)) return [];
    return [{ machine, span, isHigh }];
  });
}

/** Where the detector has not told what is usual, the same hour of other weeks does. */
function withUsual(span: AnomalySpan, hourly: MachineHistory["hourly"]): AnomalySpan {
  const series = hourly.get(span.metric);
  if (!series || series.stepMs !== HOUR) return span;
  const { middle, spread, weeks } = weekProfile(series);
  const hour = hourOfWeek(span.peakAt);
  if (weeks < 1 || Number.isNaN(middle[hour]!)) return span;
  const low = middle[hour]! - 2 * spread[hour]!;
  return {
    ...span,
    usualLow: middle[hour]! >= 0 ? Math.max(0, low) : low,
    usualHigh: middle[hour]! + 2 * spread[hour]!,
  };
}

/** What stood out at one time, as one event. Of one machine. */
export function eventsOf(stood: readonly Stood[]): Event[] {
  const events: Event[] = [];
  for (const one of stood.toSorted((a, b) => a.span.from - b.span.from || bySeries(a.span.metric, b.span.metric))) {
    const { from, to } = one.span;
    const last = events.at(-1);
    if (last && from <= last.to + BESIDE_MS) {
      last.stood.push(one);
      last.to = Math.max(last.to, to);
    } else events.push({ machine: one.machine, from, to, stood: [one] });
  }
  return events;
}

/** Whether an event is one that people are told of. */
export function isSure({ stood }: Event): boolean {
  const peak = peakOf(stood);
  const families = new Set(stood.map(({ span }) => familyOf(span.metric))).size;
  return peak >= SURE_ALONE || families >= MANY || (families > 1 && peak >= SURE_TOGETHER);
}

/** The same metric, the same way, begun at the same time, on three machines or more; each event is in one group at most. */
export function acrossMachines(events: readonly Event[]): Member[][] {
  const all = events.flatMap((event) => event.stood.map((one): Member => ({ event, one })));
  const alike = [...Map.groupBy(all, ({ one }) => `${one.span.metric} ${one.isHigh}`).values()];
  const taken = new Set<Event>();
  return alike
    .sort((a, b) => b.length - a.length)
    .flatMap((members) => {
      const free = members.filter(({ event }) => !taken.has(event)).sort((a, b) => a.one.span.from - b.one.span.from);
      const groups = begunTogether(free).filter(isSureGroup);
      for (const { event } of groups.flat()) taken.add(event);
      return groups;
    });
}

/** A reading of an event, with the event. */
export interface Member {
  event: Event;
  one: Stood;
}

function begunTogether(order: readonly Member[]): Member[][] {
  const groups: Member[][] = [];
  for (const member of order) {
    const last = groups.at(-1);
    if (last && member.one.span.from <= last[0]!.one.span.from + BEGUN_WITHIN_MS) last.push(member);
    else groups.push([member]);
  }
  return groups;
}

function isSureGroup(members: readonly Member[]): boolean {
  const machines = new Set(members.map(({ one }) => one.machine.id)).size;
  const peak = peakOf(members.map(({ one }) => one));
  return machines >= MANY && (peak >= SURE_TOGETHER || machines >= MANY + 2);
}

function peakOf(stood: readonly Stood[]): number {
  return Math.max(...stood.map(({ span }) => span.score));
}
