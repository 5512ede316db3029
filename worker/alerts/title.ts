import { isCheckSubject, type Severity } from "../../contract/rules.ts";
import type { RuleKind } from "../../contract/rule-kinds.ts";
import { PROVIDER_VALUES, VERDICT_VALUES } from "./measure.ts";

/** What and where, in one line, without a full stop: `web-1 is down`, `14 instances in vultr ewr are down`. */
export interface Titled {
  kind: RuleKind;
  ruleName: string;
  severity: Severity;
  place: string | null;
  /** Whoever belongs to it, the one it began with first. */
  members: readonly { subject: string; instanceId: string | null; name: string; value: number | null }[];
}

export function titleOf({ kind, ruleName, place, members }: Titled): string {
  const [first] = members;
  const names = new Map(members.map((one) => [one.instanceId ?? one.subject, one]));
  if (names.size <= 1) return oneTitle(kind, ruleName, first!);
  const what = members.every(({ subject, instanceId }) => isCheckSubject(subject) && instanceId === null)
    ? "checks"
    : "instances";
  const where = place === null ? "" : ` in ${place}`;
  const count = `${names.size} ${what}${where}`;
  switch (kind) {
    case "verdict":
      return `${count} are ${members.every(({ value }) => value === VERDICT_VALUES.down) ? "down" : "down or degraded"}`;
    case "silence":
      return `The agents of ${count} are silent`;
    case "provider":
      return `${count} are not well at their provider`;
    case "reboot":
      return `${count} have rebooted`;
    default:
      return `${ruleName}: ${count}`;
  }
}

function oneTitle(kind: RuleKind, ruleName: string, { name, value }: Titled["members"][number]): string {
  switch (kind) {
    case "verdict":
      return `${name} is ${value === VERDICT_VALUES.degraded ? "degraded" : "down"}`;
    case "silence":
      return `The agent of ${name} is silent`;
    case "provider":
      return `${name} is ${value === PROVIDER_VALUES.stopped ? "stopped" : "impaired"} at its provider`;
    case "reboot":
      return `${name} has rebooted`;
    default:
      return `${ruleName}: ${name}`;
  }
}
