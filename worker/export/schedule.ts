import type { SnowflakeSettings } from "../../contract/snowflake.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { StreamCursor } from "./cursor-store.ts";

/** When the export is to run, from what is kept alone: no restart and no step of the clock starts it twice. */
export type Turn =
  /** A round of all streams. */
  | { kind: "begin" }
  /** Goes on with these of the round that is not over. */
  | { kind: "go_on"; with: StreamCursor[] }
  /** The last round began in what is now the future: the clock was wrong then, or is now. The time is counted from now on. */
  | { kind: "clock_went_back" };

type Chosen = Pick<SnowflakeSettings, "exportEveryHours" | "exportWay">;

const HOUR_MS: DurationMs = 3_600_000;
/** XS suspends itself after a minute; what comes sooner starts nothing. */
const WAREHOUSE_AWAKE_MS: DurationMs = 50_000;
const AGAIN_AFTER_MS: DurationMs = 2 * 60_000;

export function turnOf(cursors: readonly StreamCursor[], chosen: Chosen, now: EpochMs): Turn {
  if (cursors.some(({ isAsked, lastAt }) => isAsked || lastAt === null)) return { kind: "begin" };
  const lastAt = Math.max(...cursors.map((cursor) => cursor.lastAt!));
  if (lastAt > now) return { kind: "clock_went_back" };
  if (now - lastAt >= chosen.exportEveryHours * HOUR_MS) return { kind: "begin" };
  return { kind: "go_on", with: unfinished(cursors, chosen, now) };
}

/** What is left of a round by MERGE waits for the next one as soon as the warehouse may be asleep again, or a statement has failed. */
function unfinished(cursors: readonly StreamCursor[], { exportWay }: Chosen, now: EpochMs): StreamCursor[] {
  const open = cursors.filter(({ begunAt }) => begunAt !== null);
  const awakeAt = Math.max(...cursors.map((cursor) => cursor.awakeAt ?? -Infinity));
  if (exportWay === "streaming" || awakeAt === -Infinity) return open.filter((cursor) => hasWaited(cursor, now));
  const isAwake = awakeAt <= now && now - awakeAt < WAREHOUSE_AWAKE_MS;
  return isAwake ? open.filter(({ failures }) => failures === 0) : [];
}

/** Twice as long after each failure, up to an hour. */
function hasWaited({ failures, failedAt }: StreamCursor, now: EpochMs): boolean {
  if (failures === 0 || failedAt === null || failedAt > now) return true;
  return now - failedAt >= Math.min(HOUR_MS, AGAIN_AFTER_MS * 2 ** (failures - 1));
}
