import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { EpochMs } from "../contract/units.ts";

/** A series of the folder, with the rows of its labelled windows. */
export interface LabelledSeries {
  /** Its path below the folder of data, category first. */
  file: string;
  /** As written in the file: they name rows, and are written again beside scores. */
  timestamps: string[];
  at: EpochMs[];
  values: Float64Array;
  windows: [first: number, last: number][];
}

export interface AnomalyOptions {
  data: string;
  windows: string;
  /** Where scores are to be written, if anywhere. */
  scores: string | null;
}

const USAGE =
  "Give a folder with data/ and windows.json: npm run -s bench -- anomaly FOLDER. Or --data DIR --windows FILE; --scores DIR writes what each reading scored.";

/** `FOLDER`, or `--data DIR --windows FILE`; throws what to give. */
export function anomalyOptions(args: readonly string[]): AnomalyOptions {
  const given: Partial<Record<"data" | "windows" | "scores", string>> = {};
  let folder: string | undefined;
  for (let index = 0; index < args.length; index++) {
    const [, name] = /^--(data|windows|scores)$/.exec(args[index]!) ?? [];
    if (name === undefined) {
      if (args[index]!.startsWith("-") || folder !== undefined) throw new Error(`What is ${args[index]}? ${USAGE}`);
      folder = args[index]!;
    } else {
      const value = args[++index];
      if (value === undefined) throw new Error(`--${name} wants a path. ${USAGE}`);
      given[name as keyof typeof given] = value;
    }
  }
  const data = given.data ?? (folder && join(folder, "data"));
  const windows = given.windows ?? (folder && join(folder, "windows.json"));
  if (!data || !windows) throw new Error(USAGE);
  for (const path of [data, windows]) if (!existsSync(path)) throw new Error(`There is no ${path}. ${USAGE}`);
  return { data, windows, scores: given.scores ?? null };
}

/** Every series that the file of windows names. */
export function readSeries({ data, windows }: AnomalyOptions): LabelledSeries[] {
  const labels = JSON.parse(readFileSync(windows, "utf8")) as Record<string, [from: string, to: string][]>;
  return Object.entries(labels).map(([file, spans]) => {
    const path = join(data, file);
    if (!existsSync(path)) throw new Error(`${windows} names ${file}, and there is no ${path}.`);
    const [header, ...lines] = readFileSync(path, "utf8").trim().split(/\r?\n/);
    const columns = header!.split(",");
    const [time, value] = [columns.indexOf("timestamp"), columns.indexOf("value")];
    if (time < 0 || value < 0) throw new Error(`${path}: the first line must name timestamp and value.`);
    const cells = lines.map((line) => line.split(","));
    const timestamps = cells.map((cell) => cell[time]!);
    const rows = new Map(timestamps.map((timestamp, row) => [timestamp, row]));
    const rowOf = (label: string): number => {
      // Labels are written with microseconds, data without.
      const row = rows.get(label.replace(/\.\d+$/, ""));
      if (row === undefined) throw new Error(`${path} has no row at ${label}, where a window begins or ends.`);
      return row;
    };
    return {
      file,
      timestamps,
      at: timestamps.map((timestamp) => Date.parse(`${timestamp.replace(" ", "T")}Z`)),
      values: Float64Array.from(cells, (cell) => Number(cell[value])),
      windows: spans.map(([from, to]) => [rowOf(from), rowOf(to)]),
    };
  });
}

/** As the benchmark wants them, with the same paths as the data. */
export function writeScores(folder: string, { file, timestamps, values }: LabelledSeries, scores: Float64Array): void {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  const lines = timestamps.map((timestamp, row) => `${timestamp},${values[row]},${scores[row]}`);
  writeFileSync(path, ["timestamp,value,anomaly_score", ...lines, ""].join("\n"));
}
