import type { ExportWay } from "../../contract/snowflake-kinds.ts";
import type { Batch } from "./batch.ts";
import { MergedBatch } from "./merge-way.ts";
import { StreamedBatch } from "./streaming-way.ts";

/** How rows get to Snowflake: an empty batch that takes this share, up to 1, of what goes at once. */
export type Way = (share: number) => Batch;

export const WAYS: Readonly<Record<ExportWay, Way>> = {
  streaming: (share) => new StreamedBatch(share),
  merge: (share) => new MergedBatch(share),
};
