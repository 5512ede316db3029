import type { RegionResult } from "../../contract/checks.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { UptimeState } from "../checks/uptime.ts";

/** What the sentinel remembers of a check, for who asks. */
export interface LastRound {
  lastRoundAt: EpochMs;
  nextRoundAt: EpochMs;
  results: RegionResult[];
  uptime: UptimeState;
}
