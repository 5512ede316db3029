import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Finding } from "./judgement.ts";
import { lasting } from "./words.ts";

/** A job that calls us. */
export interface Heartbeat {
  name: string;
  periodMs: DurationMs;
  graceMs: DurationMs;
  createdAt: EpochMs;
  /** The last call that said all is well, and the last that said it failed. */
  lastBeatAt: EpochMs | null;
  lastFailAt: EpochMs | null;
}

/**
 * Here the job itself is the witness, so one is enough. Null while its first call is waited for. A call from the future was made before
 * the clock was set back, and counts as now.
 */
export function judgeHeartbeat(heartbeat: Heartbeat, now: EpochMs): Finding | null {
  const { name, periodMs, createdAt, lastBeatAt, lastFailAt } = heartbeat;
  const hasFailed = lastFailAt !== null && lastFailAt >= (lastBeatAt ?? 0);
  const lastCallAt = hasFailed ? lastFailAt : lastBeatAt;
  const isLate = now - (lastCallAt ?? createdAt) > periodMs + heartbeat.graceMs;
  const at = Math.min(lastCallAt ?? createdAt, now);
  const found = (verdict: "up" | "down", reason: string): Finding => ({
    verdict,
    reason,
    witnesses: [{ kind: "heartbeat", name, says: verdict, words: reason, at }],
  });
  if (hasFailed) return found("down", "the job said it failed");
  if (lastCallAt === null) return isLate ? found("down", `never called; expected every ${lasting(periodMs)}`) : null;
  if (isLate) return found("down", `no call for ${lasting(now - lastCallAt)}; expected every ${lasting(periodMs)}`);
  return found("up", "calls in time");
}
