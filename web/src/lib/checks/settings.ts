import { CHECK_DEFAULTS } from "../../../../contract/check-kinds.ts";
import { formatSpan } from "./span.ts";

const DAY_MS = 86_400_000;

/** What looking from so many places comes to, for every check. */
export function costInWords(regions: number): string {
  const perRegion = DAY_MS / CHECK_DEFAULTS.intervalMs;
  const total = (regions * perRegion).toLocaleString("en");
  return (
    `A check that looks every ${formatSpan(CHECK_DEFAULTS.intervalMs)} is ${total} probes a day ` +
    `from ${regions === 1 ? "one region" : `${regions} regions`}: ${perRegion.toLocaleString("en")} for each.`
  );
}

/** With fewer than three, one region that errs is half or all of what is heard. */
export function fewInWords(regions: number): string | undefined {
  if (regions >= 3 || regions === 0) return undefined;
  return regions === 1
    ? "One region cannot be contradicted. From three on, one that errs is outvoted."
    : "Two regions that disagree leave a check unsure. From three on, one that errs is outvoted.";
}

/** Hostnames as they are typed, one to a line or with commas between. */
export function hostnamesIn(text: string): string[] {
  return [
    ...new Set(
      text
        .toLowerCase()
        .split(/[\s,;]+/)
        .filter(Boolean),
    ),
  ];
}
