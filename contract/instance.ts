import type { Readings, SeriesKey, TAIL_METRICS } from "./metric.ts";
import type { DurationMs, EpochMs } from "./units.ts";

/** A watched machine, as the API and the live socket tell of it. Times are the server's. */
export interface Instance {
  id: string;
  name: string;
  region: string | null;
  type: string | null;
  hostname: string | null;
  os: string | null;
  kernel: string | null;
  arch: string | null;
  cpuModel: string | null;
  cpuCount: number | null;
  memoryTotalBytes: number | null;
  bootAt: EpochMs | null;
  healthEndpoint: string | null;
  agentVersion: string | null;
  /** How often samples are to be expected. */
  intervalMs: DurationMs;
  /** How far the agent's clock runs ahead of the server's; corrected when above a day. */
  clockOffsetMs: number;
  firstSeenAt: EpochMs;
  lastSampleAt: EpochMs | null;
}

/** The last half hour of what a card draws, thinned to its width. */
export interface FleetTail {
  at: EpochMs[];
  values: Record<(typeof TAIL_METRICS)[number], (number | null)[]>;
}

export interface FleetInstance extends Instance {
  /** The fleet metrics of the last sample. */
  latest: Readings;
  tail: FleetTail;
}

/** What an instance page starts from: every series it has, and their last values. */
export interface InstanceDetail {
  instance: Instance;
  latest: Readings;
  /** Series seen in the last day, sorted: which charts can be drawn. */
  seriesKeys: SeriesKey[];
}

/** A token that lets one agent speak for one instance; the secret itself is shown once, when made. */
export interface AgentToken {
  id: string;
  label: string;
  /** The instance it is bound to; null until an agent has used it. */
  instanceId: string | null;
  createdAt: EpochMs;
  lastUsedAt: EpochMs | null;
}
export interface NewAgentToken extends AgentToken {
  secret: string;
}

export interface Session {
  user: { name: string; role: "owner" };
  expiresAt: EpochMs;
  /** A simulated fleet: the dashboard must say so on every page. */
  demo: boolean;
  version: string;
}
