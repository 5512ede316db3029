import { z } from "zod";
import type { Incident } from "./incidents.ts";
import { instanceIdSchema } from "./ingest.ts";
import type { FleetInstance, Instance } from "./instance.ts";
import type { LIVE_VERSION } from "./limits.ts";
import type { Readings } from "./metric.ts";
import type { EpochMs } from "./units.ts";

/** Shard to browser and back, on WebSocket `GET /live`. The version is in the snapshot, which is always the first message. */
export type LiveMessage =
  | { type: "snapshot"; version: typeof LIVE_VERSION; now: EpochMs; instances: FleetInstance[] }
  /** At most one a second: the newest fleet metrics of every instance that spoke since the last frame. */
  | { type: "frame"; now: EpochMs; samples: LiveSample[] }
  /** Every sample of the instance this viewer watches, whole, as it comes. */
  | { type: "sample"; now: EpochMs; sample: LiveSample }
  /** An instance is new, or its facts changed. */
  | { type: "instance"; now: EpochMs; instance: Instance }
  /** Many of them at once: what a discovery found, and what the sentinel judged. */
  | { type: "instances"; now: EpochMs; instances: Instance[] }
  | { type: "removed"; now: EpochMs; instanceId: string }
  /** An incident is new or has changed: as a whole, so that what was missed does not matter. */
  | { type: "incident"; now: EpochMs; incident: Incident };

export interface LiveSample {
  instanceId: string;
  at: EpochMs;
  metrics: Readings;
}

export const viewerMessageSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("watch"), instanceId: instanceIdSchema }),
  z.object({ type: z.literal("unwatch") }),
]);
export type ViewerMessage = z.infer<typeof viewerMessageSchema>;
