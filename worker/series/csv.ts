import type { SeriesColumns } from "../../contract/series.ts";
import type { SeriesKey } from "../../contract/metric.ts";

/**
 * Columns as CSV (RFC 4180): a line a point, its time in ISO 8601 (UTC), an empty field where there was no reading. Of merged points each
 * series has three columns. Gaps are the lines that are not there.
 */
export function csvOf({ at, series, stepMs }: SeriesColumns, keys: readonly SeriesKey[]): string {
  const columns = keys.flatMap((key) => {
    const { mean, min, max } = series[key] ?? { mean: [] };
    if (stepMs === 0) return [{ name: key, values: mean }];
    return [
      { name: `${key} mean`, values: mean },
      { name: `${key} min`, values: min ?? [] },
      { name: `${key} max`, values: max ?? [] },
    ];
  });
  const lines = [["time", ...columns.map(({ name }) => quoted(name))].join(",")];
  at.forEach((time, row) => {
    if (columns.every(({ values }) => values[row] === null)) return;
    lines.push([new Date(time).toISOString(), ...columns.map(({ values }) => values[row] ?? "")].join(","));
  });
  return `${lines.join("\r\n")}\r\n`;
}

/** Always quoted: a dimension may hold anything printable. It begins with its metric, so never as a formula does. */
function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
