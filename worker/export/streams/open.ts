import type { ExportStreamName } from "../../../contract/snowflake-kinds.ts";
import { openIncidents } from "./incidents.ts";
import { openInsights } from "./insights.ts";
import { openInstances } from "./instances.ts";
import { openMetrics } from "./metrics.ts";
import { openRounds } from "./rounds.ts";
import type { OutgoingStream, StreamParts } from "./stream.ts";

const OPEN: Readonly<Record<ExportStreamName, (parts: StreamParts) => OutgoingStream | Promise<OutgoingStream>>> = {
  instances: openInstances,
  metrics: openMetrics,
  incidents: openIncidents,
  rounds: openRounds,
  insights: openInsights,
};

export async function openStream(name: ExportStreamName, parts: StreamParts): Promise<OutgoingStream> {
  return OPEN[name](parts);
}
