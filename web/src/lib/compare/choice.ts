import { SERIES_INSTANCES_PER_QUERY_MAX } from "../../../../contract/limits.ts";
import { parseSeriesKey, type SeriesKey } from "../../../../contract/metric.ts";
import { windowOf } from "../chart/windows.ts";

/** What is compared. The address of the page always says it, so that it can be sent to somebody. */
export interface Choice {
  /** Ids, in the order they were chosen: it decides their colours. */
  instances: readonly string[];
  metric: SeriesKey;
  window: string;
}

export const INSTANCES_MAX = SERIES_INSTANCES_PER_QUERY_MAX;
const METRIC_AT_FIRST = "cpu_busy_ratio";
const WINDOW_AT_FIRST = "24h";

/** The choice an address asks for; what is no metric or window is the usual one. */
export function choiceOf(search: Pick<URLSearchParams, "get">): Choice {
  const metric = search.get("metric");
  return {
    instances: listed((search.get("instances") ?? "").split(",")),
    metric: metric !== null && parseSeriesKey(metric) ? metric : METRIC_AT_FIRST,
    window: windowOf(search.get("window"))?.value ?? WINDOW_AT_FIRST,
  };
}

/** The page's address for a choice; the commas stay readable, no id holds one. */
export function compareAddress({ instances, metric, window }: Choice): string {
  const chosen = instances.length > 0 ? `instances=${instances.map(encodeURIComponent).join(",")}&` : "";
  return `/compare?${chosen}metric=${encodeURIComponent(metric)}&window=${window}`;
}

/** From an instance's page: that one, to be compared with others. */
export function compareHref(instanceId: string): `/compare?${string}` {
  return `/compare?instances=${encodeURIComponent(instanceId)}`;
}

/** With these too, as far as there is room. */
export function withInstances(choice: Choice, ids: readonly string[]): Choice {
  return { ...choice, instances: listed([...choice.instances, ...ids]) };
}

export function withoutInstance(choice: Choice, id: string): Choice {
  return { ...choice, instances: choice.instances.filter((other) => other !== id) };
}

function listed(ids: readonly string[]): string[] {
  return [...new Set(ids.filter(Boolean))].slice(0, INSTANCES_MAX);
}
