import { SERIES_KEYS_PER_QUERY_MAX } from "../../../../contract/limits.ts";
import type { SeriesKey } from "../../../../contract/metric.ts";
import type { TimeRange } from "../chart/sync.svelte.ts";
import { chunksOf } from "./history.ts";
import type { Section } from "./sections.ts";

/** One file that can be had. */
export interface ExportChoice {
  id: string;
  label: string;
  keys: SeriesKey[];
}

/** What can be exported: everything where one file holds it, then each section, in parts where one file does not. */
export function exportChoices(
  seriesKeys: readonly SeriesKey[],
  sections: readonly Pick<Section, "id" | "title" | "keys">[],
) {
  const shown = new Set(sections.flatMap(({ keys }) => keys));
  const groups = [
    ...sections,
    { id: "others", title: "Not on a chart: sizes, uptime", keys: seriesKeys.filter((key) => !shown.has(key)) },
  ].filter(({ keys }) => keys.length > 0);
  const choices = groups.flatMap(({ id, title, keys }) => partsOf(id, title, keys));
  if (seriesKeys.length > SERIES_KEYS_PER_QUERY_MAX) return choices;
  return [{ id: "all", label: "All series", keys: [...seriesKeys] }, ...choices];
}

function partsOf(id: string, title: string, keys: readonly SeriesKey[]): ExportChoice[] {
  const parts = chunksOf(keys);
  return parts.map((part, index) => ({
    id: `${id}-${index}`,
    label: parts.length === 1 ? title : `${title}, part ${index + 1} of ${parts.length}`,
    keys: part,
  }));
}

/** Where the file is: every point there is, not as many as the screen has room for. */
export function exportHref(instanceId: string, keys: readonly SeriesKey[], { from, to }: TimeRange): string {
  const metrics = keys.map(encodeURIComponent).join(",");
  const path = `/api/instances/${encodeURIComponent(instanceId)}/series.csv`;
  return `${path}?metrics=${metrics}&from=${Math.floor(from)}&to=${Math.ceil(to)}`;
}
