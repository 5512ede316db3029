import { describe, expect, it } from "vitest";
import type { RuleKind } from "../../contract/rule-kinds.ts";
import { FALL_TOGETHER_MS, STORM_MEMBERS } from "../settings.ts";
import { grouped, isAboutReach, joinedBy, type Firing, type Standing } from "./place.ts";

const NOW = 1_790_000_000_000;
const EWR = "vultr ewr";

const firing = (own: Partial<Firing> = {}): Firing => ({
  ruleId: "down",
  kind: "verdict",
  subject: "web-1",
  instanceId: "web-1",
  place: null,
  at: NOW,
  ...own,
});
const busy = (name: string, own: Partial<Firing> = {}): Firing =>
  firing({ ruleId: "cpu", kind: "metric", subject: name, instanceId: name, ...own });
const standing = (id: string, own: Partial<Standing> & { of?: string[] } = {}): Standing => {
  const { of = [], ...rest } = own;
  return {
    id,
    ruleId: "down",
    kind: "verdict",
    place: null,
    joinedAt: NOW - 1_000,
    openMembers: Math.max(1, of.length),
    hasInstance: (instanceId) => of.includes(instanceId),
    ...rest,
  };
};
const joined = (one: Firing, ...open: Standing[]) => joinedBy(one, open)?.id;
const LONG_AGO = NOW - FALL_TOGETHER_MS - 1;

it.each([
  ["verdict", true],
  ["silence", true],
  ["provider", true],
  ["metric", false],
  ["change", false],
  ["forecast", false],
  ["reboot", false],
] as [RuleKind, boolean][])("a rule of kind %s says that nobody reaches it: %s", (kind, isReach) => {
  expect(isAboutReach(kind)).toBe(isReach);
});

describe("what a breach joins", () => {
  it("is nothing where nothing is open", () => {
    expect(joined(firing())).toBeUndefined();
  });

  it.each(["verdict", "silence", "provider"] as const)(
    "is what is open of the same machine, however long, by whatever tells that nobody reaches it: %s",
    (kind) => {
      const old = standing("old", { kind, ruleId: "other", joinedAt: NOW - 86_400_000, of: ["web-1"] });
      expect(joined(firing(), old)).toBe("old");
      expect(joined(firing({ kind: "silence", ruleId: "silent" }), old)).toBe("old");
      expect(joined(firing({ subject: "check:shop" }), old)).toBe("old");
      expect(joined(firing({ subject: "web-2", instanceId: "web-2" }), old)).toBeUndefined();
    },
  );

  it("is the same machine's before the same place's", () => {
    const there = standing("there", { place: EWR, of: ["web-2"] });
    const machine = standing("machine", { place: EWR, joinedAt: LONG_AGO, of: ["web-1"] });
    expect(joined(firing({ place: EWR }), there, machine)).toBe("machine");
    expect(joined(firing({ place: EWR }), machine, there)).toBe("machine");
  });

  it("is what fell at the same place within two minutes, by whatever tells it", () => {
    const there = (joinedAt: number) => standing("there", { kind: "silence", ruleId: "silent", place: EWR, joinedAt });
    expect(joined(firing({ place: EWR }), there(NOW - FALL_TOGETHER_MS))).toBe("there");
    expect(joined(firing({ place: EWR }), there(LONG_AGO))).toBeUndefined();
    expect(joined(firing({ place: "vultr ams" }), there(NOW))).toBeUndefined();
    expect(joined(firing({ place: null }), there(NOW))).toBeUndefined();
    // Told late of what was earlier.
    expect(joined(firing({ place: EWR }), there(NOW + 5_000))).toBe("there");
  });

  it("is of two at one place the one that was joined last", () => {
    const [first, second] = [
      standing("first", { place: EWR, joinedAt: NOW - 60_000 }),
      standing("second", { place: EWR, joinedAt: NOW - 1_000 }),
    ];
    expect(joined(firing({ place: EWR }), first, second)).toBe("second");
    expect(joined(firing({ place: EWR }), second, first)).toBe("second");
  });

  it("a value stands for itself: neither machine nor place joins it to another", () => {
    const same = standing("same", { ruleId: "cpu", kind: "metric", place: EWR, of: ["web-1"] });
    const reach = standing("reach", { place: EWR, of: ["web-1"] });
    expect(joined(busy("web-1", { place: EWR }), same, reach)).toBeUndefined();
    expect(joined(firing({ place: EWR }), same)).toBeUndefined();
  });

  describe("in a storm", () => {
    const others = (count: number, own: Partial<Standing> = {}) =>
      Array.from({ length: count }, (_, index) =>
        standing(`i${index}`, { ruleId: "cpu", kind: "metric", joinedAt: NOW - 60_000 + index, ...own }),
      );

    it("is the last that broke the same rule, once there are enough with this one", () => {
      expect(joined(busy("web-9"), ...others(STORM_MEMBERS - 2))).toBeUndefined();
      expect(joined(busy("web-9"), ...others(STORM_MEMBERS - 1))).toBe(`i${STORM_MEMBERS - 2}`);
    });

    it("all that belong to an incident count", () => {
      expect(joined(busy("web-9"), ...others(1, { openMembers: STORM_MEMBERS - 1 }))).toBe("i0");
      expect(joined(busy("web-9"), ...others(1, { openMembers: STORM_MEMBERS - 2 }))).toBeUndefined();
    });

    it("is none of another rule, nor what was joined too long ago", () => {
      expect(joined(busy("web-9", { ruleId: "disk" }), ...others(STORM_MEMBERS))).toBeUndefined();
      expect(joined(busy("web-9"), ...others(STORM_MEMBERS, { joinedAt: LONG_AGO }))).toBeUndefined();
    });

    it("is for those that nobody reaches, too, where they have no place", () => {
      const down = others(STORM_MEMBERS, { ruleId: "down", kind: "verdict" });
      expect(joined(firing(), ...down)).toBe(`i${STORM_MEMBERS - 1}`);
      // Who has a place falls with that place, or alone.
      expect(joined(firing({ place: EWR }), ...down)).toBeUndefined();
      expect(
        joined(firing(), ...others(STORM_MEMBERS, { ruleId: "down", kind: "verdict", place: EWR })),
      ).toBeUndefined();
    });
  });
});

describe("breaches of one moment", () => {
  const names = (firings: readonly Firing[]) => grouped(firings).map((group) => group.map(({ subject }) => subject));

  it("are no group where there are none", () => {
    expect(grouped([])).toEqual([]);
  });

  it("at one place are one trouble, at another another, by whatever tells it", () => {
    const found = names([
      firing({ subject: "a", instanceId: "a", place: EWR }),
      firing({ subject: "b", instanceId: "b", place: "vultr ams" }),
      firing({ subject: "c", instanceId: "c", place: EWR, kind: "silence", ruleId: "silent" }),
    ]);
    expect(found).toEqual([["a", "c"], ["b"]]);
  });

  it("of one machine without a place are one trouble, where they say that nobody reaches it", () => {
    const found = names([
      firing({ subject: "check:shop", instanceId: "web-1" }),
      firing({ subject: "web-1" }),
      firing({ subject: "web-1", kind: "silence", ruleId: "silent" }),
      firing({ subject: "web-2", instanceId: "web-2" }),
      firing({ subject: "check:blog", instanceId: null }),
      firing({ subject: "check:news", instanceId: null }),
    ]);
    expect(found).toEqual([["check:shop", "web-1", "web-1"], ["web-2"], ["check:blog"], ["check:news"]]);
  });

  it("of values stand each for itself, even of one machine at one place", () => {
    const found = names([
      busy("web-1", { place: EWR }),
      busy("web-1", { place: EWR, ruleId: "disk" }),
      busy("web-2", { place: EWR }),
    ]);
    expect(found).toEqual([["web-1"], ["web-2"], ["web-1"]]);
  });

  it("are a storm where enough break one rule, and those of other rules stay by themselves", () => {
    const many = Array.from({ length: STORM_MEMBERS }, (_, index) => `web-${index}`);
    const found = names([...many.map((name) => busy(name)), busy("web-0", { ruleId: "disk" })]);
    expect(found).toEqual([many, ["web-0"]]);
    expect(names(many.slice(1).map((name) => busy(name)))).toHaveLength(STORM_MEMBERS - 1);
  });

  it("a machine that several rules tell of counts once toward a storm", () => {
    const told = (name: string) => [
      firing({ subject: name, instanceId: name }),
      firing({ subject: name, instanceId: name, kind: "silence", ruleId: "silent" }),
    ];
    const few = Array.from({ length: STORM_MEMBERS - 1 }, (_, index) => told(`web-${index}`));
    expect(grouped(few.flat()).map(({ length }) => length)).toEqual(few.map(() => 2));
    expect(grouped([...few.flat(), ...told("web-9")]).map(({ length }) => length)).toEqual([2 * STORM_MEMBERS]);
  });

  it("are all in exactly one group", () => {
    const all = [
      ...Array.from({ length: 7 }, (_, index) => busy(`web-${index}`, { place: index % 2 ? EWR : null })),
      ...Array.from({ length: 7 }, (_, index) =>
        firing({ subject: `db-${index}`, instanceId: `db-${index}`, place: index % 3 ? EWR : null }),
      ),
    ];
    const flat = grouped(all).flat();
    expect(flat).toHaveLength(all.length);
    expect(new Set(flat)).toEqual(new Set(all));
  });
});
