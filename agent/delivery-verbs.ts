import type { AgentSamples, AgentWatched } from "../contract/agent-link.ts";
import type { IngestEnvelope } from "../contract/ingest.ts";
import type { DurationMs } from "../contract/units.ts";
import type { Link, LinkEvents } from "./link.ts";
import type { RenamingVerbs } from "./refusals.ts";
import type { Outcome } from "./sender.ts";
import type { Batch } from "./spool.ts";

/** What a delivery can do to the rest of the agent and to the edge. */
export interface DeliveryVerbs extends RenamingVerbs {
  openLink(events: LinkEvents): Pick<Link, "send" | "close">;
  messageOf(batch: Batch): AgentSamples;
  envelopeOf(batch: Batch): IngestEnvelope;
  send(envelope: IngestEnvelope): Promise<Outcome>;
  /** The stream the next sample belongs to. */
  liveStream(): string;
  /** The next sample begins another stream. */
  beginStream(): void;
  watch(intervalMs: DurationMs, forMs: DurationMs, send: (watched: AgentWatched) => boolean): void;
  endWatch(): void;
  isWatched(): boolean;
}
