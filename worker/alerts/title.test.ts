import { describe, expect, it } from "vitest";
import type { RuleKind } from "../../contract/rule-kinds.ts";
import { titleOf, type Titled } from "./title.ts";

type Member = Titled["members"][number];
const machine = (name: string, value: number | null = 2): Member => ({ subject: name, instanceId: name, name, value });
const check = (name: string, instanceId: string | null = null, value: number | null = 2): Member => ({
  subject: `check:${name}`,
  instanceId,
  name,
  value,
});
const title = (kind: RuleKind, members: Member[], place: string | null = null) =>
  titleOf({ kind, ruleName: "CPU busy", severity: "critical", place, members });

const ONE: [RuleKind, number | null, string][] = [
  ["verdict", 2, "web-1 is down"],
  ["verdict", 1, "web-1 is degraded"],
  ["verdict", null, "web-1 is down"],
  ["silence", 700_000, "The agent of web-1 is silent"],
  ["provider", 2, "web-1 is stopped at its provider"],
  ["provider", 1, "web-1 is impaired at its provider"],
  ["reboot", 1, "web-1 has rebooted"],
  ["metric", 0.97, "CPU busy: web-1"],
  ["change", 5, "CPU busy: web-1"],
  ["forecast", 3_600_000, "CPU busy: web-1"],
];

const MANY: [RuleKind, string][] = [
  ["verdict", "2 instances in vultr ewr are down"],
  ["silence", "The agents of 2 instances in vultr ewr are silent"],
  ["provider", "2 instances in vultr ewr are not well at their provider"],
  ["reboot", "2 instances in vultr ewr have rebooted"],
  ["metric", "CPU busy: 2 instances in vultr ewr"],
];

describe("titleOf", () => {
  it.each(ONE)("one, by a rule of kind %s with %s: %s", (kind, value, words) => {
    expect(title(kind, [machine("web-1", value)], "vultr ewr")).toBe(words);
  });

  it.each(MANY)("many, by a rule of kind %s: %s", (kind, words) => {
    expect(title(kind, [machine("web-1"), machine("web-2")], "vultr ewr")).toBe(words);
  });

  it("without a place nothing is said of one", () => {
    expect(title("verdict", [machine("web-1"), machine("web-2")])).toBe("2 instances are down");
  });

  it("several that tell of one machine are that machine, as the first calls it", () => {
    expect(title("verdict", [check("shop", "web-1"), machine("web-1")])).toBe("shop is down");
    expect(title("silence", [machine("web-1"), check("shop", "web-1")])).toBe("The agent of web-1 is silent");
  });

  it("a machine and its checks count once", () => {
    const members = [machine("web-1"), check("shop", "web-1"), machine("web-2")];
    expect(title("verdict", members)).toBe("2 instances are down");
  });

  it("checks of no machine are checks, and with a machine among them all are instances", () => {
    expect(title("verdict", [check("shop"), check("blog")])).toBe("2 checks are down");
    expect(title("verdict", [check("shop"), machine("web-1")])).toBe("2 instances are down");
    expect(title("verdict", [check("shop", "web-1"), check("blog", "web-2")])).toBe("2 instances are down");
  });

  it("says down of all only where all are", () => {
    expect(title("verdict", [machine("web-1", 2), machine("web-2", 1)])).toBe("2 instances are down or degraded");
  });
});
