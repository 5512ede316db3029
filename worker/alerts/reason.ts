import { definitionOf, metricOf } from "../../contract/metric.ts";
import { PROVIDERS } from "../../contract/providers.ts";
import type { Judgement } from "../../contract/verdict.ts";
import type { InstanceRow } from "../instances/table.ts";
import { spanInWords } from "../notify/duration-words.ts";
import { valueInWords } from "../notify/value-words.ts";
import { SILENCE_CONFIRM_MS } from "../settings.ts";
import type { Decision } from "./evaluation.ts";
import { PROVIDER_VALUES } from "./measure.ts";

/** Why something fired, and why it is over, in one line: the value against its threshold, or the words of whoever was heard. */

/** What is known beside the reading. */
export interface Heard {
  judgement?: Judgement | null;
  cloud?: InstanceRow["cloud"];
}

export function reasonOf(
  { transition, rule: { condition }, value, threshold, severity }: Decision,
  { judgement, cloud }: Heard,
): string {
  const isOver = transition === "resolve";
  switch (condition.kind) {
    case "verdict":
      return judgement ? judgement.reason : isOver ? "up again" : "down";
    case "provider":
      return providerWords(cloud ?? null, isOver, value);
    case "silence":
      return isOver ? "heard again" : `nothing heard for ${spanInWords(Math.max(0, value - SILENCE_CONFIRM_MS))}`;
    case "reboot":
      return isOver ? "it has been up for a while" : "it has been started anew";
    case "forecast": {
      const label = labelOf(condition.metric);
      return isOver ? `${label}: no longer about to be full` : `${label}: full in about ${spanInWords(value)}`;
    }
    case "change": {
      const way = condition.direction === "rises" ? "rose" : "fell";
      const said = `${labelOf(condition.metric)} ${way} by ${valueInWords(condition.metric, value)} within ${spanInWords(condition.overMs)}`;
      return isOver || threshold === null
        ? said
        : `${said} (${severity} from ${valueInWords(condition.metric, threshold)})`;
    }
    case "metric": {
      const said = `${labelOf(condition.metric)} ${valueInWords(condition.metric, value)}`;
      return isOver || threshold === null
        ? said
        : `${said} (${severity} ${condition.direction} ${valueInWords(condition.metric, threshold)})`;
    }
  }
}

function providerWords(cloud: InstanceRow["cloud"], isOver: boolean, value: number): string {
  const provider = cloud ? PROVIDERS[cloud.kind] : "its provider";
  if (isOver) return `${provider} finds it well again`;
  if (cloud?.impaired && value < PROVIDER_VALUES.stopped)
    return `${provider} finds something wrong with ${cloud.impaired}`;
  return cloud ? `${provider} says that it is ${cloud.status}` : "its provider says that it is not running";
}

function labelOf(key: string): string {
  const metric = metricOf(key);
  const label = definitionOf(metric)?.label ?? metric;
  return key === metric ? label : `${label} of ${key.slice(metric.length + 1)}`;
}
