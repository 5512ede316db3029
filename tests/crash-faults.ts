import type { AlertRows } from "./alert-rows.ts";
import type { Came } from "./outside/unsteady-webhook.ts";

/** What went wrong, each in words; nothing where all is well. */
export interface CrashFaults {
  lost: string[];
  doubled: string[];
  "over before it began": string[];
  "events with gaps": string[];
  "not told to the end": string[];
}

/** Every one of these was hot once and is well again: one incident, one message that it began, and one that it is over. */
export function faultsOf(subjects: readonly string[], rows: AlertRows, came: readonly Came[]): CrashFaults {
  const faults: CrashFaults = {
    lost: [],
    doubled: [],
    "over before it began": [],
    "events with gaps": [],
    "not told to the end": [],
  };
  for (const subject of subjects) {
    const of = rows.members.filter((member) => member.subject === subject);
    const incidents = rows.incidents.filter(({ id }) => of.some(({ incidentId }) => incidentId === id));
    const [incident] = incidents;
    if (!incident) {
      faults.lost.push(`${subject}: no incident`);
      continue;
    }
    if (incidents.length > 1 || of.length > 1) faults.doubled.push(`${subject}: ${incidents.length} incidents`);
    const events = rows.events.filter(({ incidentId }) => incidentId === incident.id);
    const kinds = events.map(({ kind }) => kind).join(", ");
    if (kinds !== "opened, resolved") {
      const isTwice = events.filter(({ kind }) => kind !== "resolved").length > 1;
      (isTwice ? faults.doubled : faults.lost).push(`${subject}: ${kinds}`);
    }
    if (events.some(({ number }, index) => number !== index + 1) || incident.lastEvent !== events.length)
      faults["events with gaps"].push(`${subject}: ${events.map(({ number }) => number).join(", ")}`);

    const told = came.filter(({ incidentId }) => incidentId === incident.id);
    for (const kind of ["firing", "resolved"]) {
      const ids = new Set(told.filter((one) => one.kind === kind).map(({ id }) => id));
      if (ids.size === 0) faults.lost.push(`${subject}: no message that it is ${kind}`);
      if (ids.size > 1) faults.doubled.push(`${subject}: ${kind} as ${[...ids].join(" and ")}`);
    }
    const other = told.filter(({ kind }) => kind !== "firing" && kind !== "resolved");
    if (other.length > 0) faults.doubled.push(`${subject}: also ${other.map(({ kind }) => kind).join(", ")}`);
    const begun = told.findIndex(({ kind }) => kind === "firing");
    const over = told.findIndex(({ kind }) => kind === "resolved");
    // Neither may the first come once more when the second has come.
    const isAfter = told.findLastIndex(({ kind }) => kind === "firing") > over;
    if (over !== -1 && (over < begun || isAfter))
      faults["over before it began"].push(`${subject}: ${told.map(({ kind }) => kind).join(", ")}`);
    faults["not told to the end"].push(
      ...rows.notifications
        .filter(({ incidentId, state }) => incidentId === incident.id && state !== "sent")
        .map(({ kind, state, answer }) => `${subject}: ${kind} is ${state} (${answer})`),
    );
  }
  return faults;
}
