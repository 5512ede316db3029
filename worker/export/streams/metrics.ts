import { definitionOf, metricOf, unitOf } from "../../../contract/metric.ts";
import type { StoredBlock } from "../../series/block-store.ts";
import type { PointColumns } from "../../series/block/points.ts";
import { unpackKey } from "../../series/packed.ts";
import { subjectsAfter } from "../../series/store.ts";
import { lineOf, momentText } from "../batch.ts";
import { METRICS } from "../landing.ts";
import { openBlocks } from "./block-stream.ts";
import type { OutgoingStream, StreamParts } from "./stream.ts";

const SUBJECTS_MAX = 100_000;

/** Five minutes of every series of every instance and check. */
export async function openMetrics(parts: StreamParts): Promise<OutgoingStream> {
  return openBlocks(parts, await subjectsAfter(parts.db, "", SUBJECTS_MAX), {
    table: METRICS,
    prepare: async () => (block, points) => linesOf(block, points, parts.exportedAt),
  });
}

/** A row is put together by hand: there are tens of thousands in a batch, and most of each is the same as in the one before. */
function linesOf({ instanceId }: StoredBlock, { at, series }: PointColumns, exportedAt: string): string[] {
  const moments = at.map((moment) => `,"TIMESTAMP":"${momentText(moment)}","METRIC_VALUE":`);
  const lines: string[] = [];
  for (const [packed, { count, mean, min, max }] of series) {
    const key = unpackKey(packed);
    const metric = metricOf(key);
    const isCounter = definitionOf(metric)?.isCounter === true;
    const begin = lineOf({ INSTANCE_ID: instanceId, METRIC_NAME: key }).slice(0, -1);
    const end = `,${lineOf({ UNIT: unitOf(metric), EXPORTED_AT: exportedAt }).slice(1)}`;
    for (let point = 0; point < at.length; point++) {
      const value = mean[point];
      if (value === null || value === undefined) continue;
      const band = isCounter ? "" : `,"MIN_VALUE":${min[point] ?? value},"MAX_VALUE":${max[point] ?? value}`;
      lines.push(`${begin}${moments[point]}${value}${band},"SAMPLE_COUNT":${count[point] ?? 1}${end}`);
    }
  }
  return lines;
}
