import type { Uptime, UptimeReport } from "../../../../contract/verdict.ts";
import type { DurationMs, EpochMs } from "../../../../contract/units.ts";
import { formatUptime, uptimeInWords } from "./uptime-in-words.ts";

const DAY: DurationMs = 86_400_000;
/** From this share of the known time on, trouble takes the full colour; a shorter one is lighter, and never none. */
const MUCH = 0.05;
/** A hundredth of a day is not worth a notch. */
const UNKNOWN_SHOWN_FROM = 0.02;

export type DayTone = "none" | "up" | "degradedSome" | "degraded" | "downSome" | "down";

/** A day as it is drawn. Days before the first round, and days in which nobody could tell, are `none`. */
export interface DayCell {
  /** `2026-11-24`, a day of UTC. */
  day: string;
  tone: DayTone;
  /** Of the day's time, 0 to 1: drawn as no data, above the rest. */
  unknownShare: number;
  uptime: Uptime | null;
}

/** The last days, oldest first and today at the end, none left out. */
export function dayCells(days: UptimeReport["days"], now: EpochMs, count = 90): DayCell[] {
  const known = new Map(days.map((day) => [day.day, day]));
  const today = Math.floor(now / DAY) * DAY;
  return Array.from({ length: count }, (_, index) => {
    const day = new Date(today - (count - 1 - index) * DAY).toISOString().slice(0, 10);
    const uptime = known.get(day) ?? null;
    return { day, uptime, ...(uptime ? shadeOf(uptime) : { tone: "none" as const, unknownShare: 1 }) };
  });
}

function shadeOf({ upSeconds, degradedSeconds, downSeconds, unknownSeconds }: Uptime) {
  const known = upSeconds + degradedSeconds + downSeconds;
  if (known === 0) return { tone: "none" as const, unknownShare: 1 };
  const share = unknownSeconds / (known + unknownSeconds);
  const tone = toneOf(degradedSeconds / known, downSeconds / known);
  return { tone, unknownShare: share < UNKNOWN_SHOWN_FROM ? 0 : share };
}

function toneOf(degraded: number, down: number): DayTone {
  if (down > 0) return down >= MUCH ? "down" : "downSome";
  if (degraded > 0) return degraded >= MUCH ? "degraded" : "degradedSome";
  return "up";
}

/** Cells in one picture: every tone is one path, since a page draws a hundred such rows. */
export function pathsOf(cells: readonly DayCell[], step: number, gap: number, height: number): Map<DayTone, string> {
  const paths = new Map<DayTone, string>();
  const draw = (tone: DayTone, x: number, y: number, tall: number) =>
    paths.set(tone, `${paths.get(tone) ?? ""}M${x} ${y}h${step - gap}v${tall}h${gap - step}z`);
  cells.forEach(({ tone, unknownShare }, index) => {
    const x = index * step;
    const grey = Math.round(unknownShare * height * 10) / 10;
    if (grey > 0) draw("none", x, 0, grey);
    if (grey < height) draw(tone, x, grey, Math.round((height - grey) * 10) / 10);
  });
  return paths;
}

/** `24 Nov: 99.79 % up: down 3 min`. */
export function dayInWords({ day, uptime }: Pick<DayCell, "day" | "uptime">): { day: string; text: string } {
  const words = new Date(`${day}T00:00:00Z`).toLocaleDateString("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    timeZone: "UTC",
  });
  return { day: words, text: uptime ? uptimeInWords(uptime) : "No data" };
}

/** The whole picture, for whoever does not see it: the ratio, and the days that were not well. */
export function daysInWords(cells: readonly DayCell[], ratio: number | null): string {
  const count = (...tones: DayTone[]) => cells.filter(({ tone }) => tones.includes(tone)).length;
  const days = (number: number, what: string) =>
    number === 0 ? "" : `, ${number} ${number === 1 ? "day" : "days"} ${what}`;
  return (
    `Uptime of the last ${cells.length} days: ${ratio === null ? "unknown" : formatUptime(ratio)}` +
    days(count("down", "downSome"), "with an outage") +
    days(count("degraded", "degradedSome"), "degraded") +
    days(count("none"), "without data")
  );
}
