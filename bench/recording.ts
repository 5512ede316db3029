import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import type { Readings } from "../contract/metric.ts";
import type { DurationMs, EpochMs } from "../contract/units.ts";
import type { HistorySample } from "../worker/series/block/samples.ts";
import { incomingOf, type IncomingSample } from "../worker/live/incoming.ts";

/** What real agents sent, as `record.ts` keeps it: one list of columns for each agent. A missing reading is null. */
export interface Recording {
  recordedOn: string;
  machine: string;
  intervalMs: DurationMs;
  agents: { at: EpochMs[]; series: Record<string, (number | null)[]> }[];
}

export interface RecordedSample {
  at: EpochMs;
  metrics: Readings;
}

export const RECORDING = join(import.meta.dirname, "recording.json.br");

export function readRecording(): Recording {
  return JSON.parse(brotliDecompressSync(readFileSync(RECORDING)).toString()) as Recording;
}

/** The samples of each agent, in order. */
export function recordedSamples({ agents }: Recording): RecordedSample[][] {
  return agents.map(({ at, series }) => {
    const columns = Object.entries(series);
    return at.map((time, row) => ({
      at: time,
      metrics: Object.fromEntries(
        columns.flatMap(([key, column]) => (column[row] == null ? [] : [[key, column[row]]])),
      ),
    }));
  });
}

/**
 * Readings without end: what the agents recorded one after another, beginning with the `first`-th, and again from the start. What is
 * made of them has a seam every two hours, where counters begin anew.
 */
export function* endlessReadings(agents: readonly (readonly RecordedSample[])[], first: number): Generator<Readings> {
  for (let agent = first; ; agent++) for (const { metrics } of agents[agent % agents.length]!) yield metrics;
}

/** Samples as the shard holds them: packed keys, at the digits they are worth. */
export function historyOf(samples: readonly RecordedSample[]): HistorySample[] {
  let before: IncomingSample | undefined;
  return samples.map(({ at, metrics }, index) => {
    const incoming = incomingOf(index + 1, at, metrics, before);
    if (!incoming) throw new Error(`Sample ${index} of the recording cannot be taken.`);
    before = incoming;
    return { at, stream: 1, seq: index + 1, keys: incoming.keys, values: incoming.values };
  });
}
