import type { Severity } from "../../contract/rule-kinds.ts";
import type { EpochMs } from "../../contract/units.ts";
import { NephosError } from "../errors.ts";
import type { IncidentRow } from "./table.ts";

/** Where a page of the list of incidents ended. */
export interface Place {
  part: "open" | "resolved";
  severity: Severity;
  /** When it was opened, or of the resolved ones resolved. */
  at: EpochMs;
  id: string;
}

export function placeAfter({ state, severity, openedAt, resolvedAt, id }: IncidentRow): string {
  const isResolved = state === "resolved";
  return [isResolved ? "resolved" : "open", severity, isResolved ? resolvedAt : openedAt, id].join("~");
}

export function placeIn(text: string): Place {
  const [, part, severity, at, id] = /^(open|resolved)~(warning|critical)~(\d{1,16})~(.+)$/.exec(text) ?? [];
  if (id === undefined) {
    throw new NephosError("invalid_field", "before: is no place in the list", {
      field: "before",
      remedy: "Send `next` of the page before as it came, or leave it out.",
    });
  }
  return { part: part as Place["part"], severity: severity as Severity, at: Number(at), id };
}
