import type { Check, ShownTarget } from "../../contract/checks.ts";
import { REGION_NAMES } from "../../contract/regions.ts";
import { ownZoneOf, ownZoneWarning } from "./own-zone.ts";
import type { HealthCheckRow } from "./table.ts";
import { hostOf } from "./target-refusal.ts";

/** What is known of a check beside its row. */
export interface Around {
  instanceName: string | null;
  round: Pick<Check, "lastRoundAt" | "nextRoundAt" | "results"> | undefined;
  ownHostnames: readonly string[];
}

/** A check as the API tells of it: its headers by their names only. */
export function shownCheck(row: HealthCheckRow, { instanceName, round, ownHostnames }: Around): Check {
  const {
    headers: _sealed,
    headerNames,
    beatHash: _hash,
    lastFailAt: _failed,
    resumedAt: _resumed,
    target,
    ...told
  } = row;
  const shownTarget: ShownTarget = target.kind === "http" ? { ...target, headerNames } : target;
  return {
    ...told,
    target: shownTarget,
    judgement: row.isPaused ? null : row.judgement,
    instanceName,
    lastRoundAt: round?.lastRoundAt ?? null,
    nextRoundAt: row.isPaused ? null : (round?.nextRoundAt ?? null),
    results: (round?.results ?? []).toSorted((a, b) => REGION_NAMES.indexOf(a.region) - REGION_NAMES.indexOf(b.region)),
    warning: ownWarning(row, ownHostnames),
  };
}

/** Why a check of our own hostname or zone cannot be told truthfully; null for all others. */
export function ownWarning({ target }: Pick<HealthCheckRow, "target">, ownHostnames: readonly string[]): string | null {
  const host = hostOf(target);
  const zone = host === undefined ? undefined : ownZoneOf(host, ownHostnames);
  return zone ? ownZoneWarning(zone) : null;
}

/** What a list is filtered by, in one text. */
export function searchedText({ name, target }: HealthCheckRow, instanceName: string | null): string {
  const what =
    target.kind === "http" ? target.url : target.kind === "dns" ? target.name : "host" in target ? target.host : "";
  return `${name} ${what} ${instanceName ?? ""}`.toLowerCase();
}

/** The worst first; those of which nothing is known yet come after those that are well. */
const ORDER = ["down", "degraded", "unsure", "up", "waiting", "paused"] as const;
export type Standing = (typeof ORDER)[number];

export function standingOf({ isPaused, judgement }: Pick<HealthCheckRow, "isPaused" | "judgement">): Standing {
  return isPaused ? "paused" : (judgement?.verdict ?? "waiting");
}

export function worstFirst(a: HealthCheckRow, b: HealthCheckRow): number {
  const rank = (row: HealthCheckRow) => ORDER.indexOf(standingOf(row));
  return rank(a) - rank(b) || a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1);
}
