import type { EpochMs } from "../../../contract/units.ts";
import type { Database } from "../../db/client.ts";
import type { Batch } from "../batch.ts";
import type { LandingTable } from "../landing.ts";

/** One kind of thing on its way out. Reads as it goes, and keeps in `place` what it knows to be held there. */
export interface OutgoingStream {
  readonly table: LandingTable;
  /** Puts into this empty batch what is to be sent next, as much as it has room for; null where all there is has been sent. */
  next(batch: Batch): Promise<Outgoing | null>;
  /** As JSON; what the next one begins with. */
  readonly place: unknown;
  /** What there was up to then is sent; null where that cannot be said yet. */
  readonly doneTo: EpochMs | null;
  /** From when to when something was gone here before it could be sent, in words. */
  readonly missed: string | null;
}

/** What went into a batch; nothing where what was to be sent is gone meanwhile. */
export interface Outgoing {
  /** Snowflake holds it. */
  held(): void;
}

/** What a stream begins with. */
export interface StreamParts {
  db: Database;
  now: EpochMs;
  /** EXPORTED_AT of every row. */
  exportedAt: string;
  /** Of the one before; null at the very beginning. */
  place: unknown;
  doneTo: EpochMs | null;
}

/** `2026-11-26 14:00`, UTC. */
export function minuteText(at: EpochMs): string {
  return new Date(at).toISOString().slice(0, 16).replace("T", " ");
}
