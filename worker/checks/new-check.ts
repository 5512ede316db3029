import { CHECK_DEFAULTS, type NewCheck, type Target } from "../../contract/checks.ts";
import { CHECK_ID_PREFIX } from "../../contract/limits.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { HealthCheckRow } from "./table.ts";

/** A check of which nobody has said more than what it looks at: made with its instance. */
export function newCheckRow(
  { id, name, tags }: { id: string; name: string; tags: string[] },
  target: Target,
  now: EpochMs,
): HealthCheckRow {
  const given = { name, instanceId: id, tags, ...CHECK_DEFAULTS, regions: null, isPaused: false, target };
  return { ...checkRow(given, now), isDefault: true };
}

/** The row of a check as it was entered; its headers are sealed elsewhere. */
export function checkRow({ target, ...given }: NewCheck, now: EpochMs): HealthCheckRow {
  return {
    ...given,
    id: CHECK_ID_PREFIX + crypto.randomUUID().replaceAll("-", "").slice(0, 16),
    isDefault: false,
    target: withoutHeaders(target),
    headers: null,
    headerNames: target.kind === "http" ? (target.headers ?? []).map(({ name }) => name) : [],
    createdAt: now,
    judgement: null,
    beatHash: null,
    lastBeatAt: null,
    lastFailAt: null,
    resumedAt: null,
  };
}

/** What may stand in the open. */
export function withoutHeaders(target: Target): Target {
  if (target.kind !== "http") return target;
  const { headers: _sealed, ...open } = target;
  return open;
}
