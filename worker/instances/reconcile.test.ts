import { describe, expect, it } from "vitest";
import { TAGS_MAX } from "../../contract/limits.ts";
import { emptyRow } from "./facts.ts";
import { reconcile, type Listed, type Reconciled } from "./reconcile.ts";
import type { InstanceRow } from "./table.ts";

const T0 = Date.UTC(2026, 10, 25);
const ACCOUNT = { id: "acc-1", kind: "vultr" } as const;
type Machine = Listed["found"][number];

function machine(id: string, more: Partial<Machine> = {}): Machine {
  return {
    id,
    name: `web ${id}`,
    status: "running",
    statusText: "active, running",
    impaired: null,
    region: "ewr",
    regionName: "New Jersey",
    zone: null,
    plan: "vc2-1c-1gb",
    image: "Debian 12",
    cpuCount: 1,
    memoryBytes: 1_000_000,
    diskBytes: 25_000_000,
    publicAddresses: ["203.0.114.1"],
    privateAddresses: [],
    createdAt: T0,
    tags: ["web"],
    monthlyCost: { amount: 5, currency: "USD" },
    bandwidth: null,
    ...more,
  };
}

const list = (found: Machine[], more: Partial<Listed> = {}): Listed => {
  return {
    account: ACCOUNT,
    found,
    takesFrom: new Set(),
    unlistedRegions: new Set(),
    missingBefore: new Set(),
    ...more,
  };
};

/** Discovers, and gives back what is known afterwards. */
function known(found: Machine[], before: InstanceRow[] = [], now = T0): InstanceRow[] {
  const { changes } = reconcile(before, list(found), now);
  return changes.map(({ row }) => row);
}

const kinds = ({ changes }: Reconciled) => changes.flatMap(({ events }) => events.map(({ kind }) => kind));

describe("what is listed against what is known", () => {
  it("a machine that is new is added, with its provider's name, tags and addresses", () => {
    const { changes } = reconcile([], list([machine("a-1")]), T0);
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({
      isNew: true,
      row: { id: "a-1", name: "web a-1", tags: ["web"], accountId: "acc-1", accountInstanceId: "a-1" },
      events: [{ kind: "added", instanceId: "a-1", at: T0 }],
    });
  });

  it("a list that says what is known already comes to nothing, however long it is", () => {
    const machines = Array.from({ length: 1_500 }, (_, i) => machine(`m-${i}`));
    const rows = known(machines);
    const again = reconcile(rows, list(machines), T0 + 120_000);
    expect(again).toEqual({ changes: [], merges: [], missing: [] });
  });

  it.each([
    ["name", { name: "web-2" }, ["renamed"]],
    ["plan", { plan: "vc2-2c-4gb" }, ["changed"]],
    ["address", { publicAddresses: ["203.0.114.2"] }, ["changed"]],
    ["power", { status: "stopped", statusText: "active, stopped" }, ["stopped"]],
    ["trouble", { impaired: "system check failed" }, ["changed"]],
    ["several", { name: "web-2", plan: "vc2-2c-4gb", status: "stopped" }, ["renamed", "stopped", "changed"]],
  ] as const)("another %s is one change, and told as what it is", (_what, more, told) => {
    const result = reconcile(known([machine("a-1")]), list([machine("a-1", more as Partial<Machine>)]), T0 + 1);
    expect(kinds(result)).toEqual(told);
    expect(result.changes[0]!.row.cloud).toMatchObject(more);
  });

  it("what only its order of tags or its price tells apart is written, without an event", () => {
    const dearer = machine("a-1", { monthlyCost: { amount: 6, currency: "USD" } });
    const result = reconcile(known([machine("a-1")]), list([dearer]), T0 + 1);
    expect(kinds(result)).toEqual([]);
    expect(result.changes).toHaveLength(1);
  });

  it("a machine that is missing once is only noted; missing twice it is gone; listed again it is back", () => {
    const rows = known([machine("a-1"), machine("b-1")]);
    const once = reconcile(rows, list([machine("b-1")]), T0 + 1);
    expect(once).toEqual({ changes: [], merges: [], missing: ["a-1"] });
    const twice = reconcile(rows, list([machine("b-1")], { missingBefore: new Set(once.missing) }), T0 + 2);
    expect(kinds(twice)).toEqual(["gone"]);
    const gone = twice.changes[0]!.row;
    expect(gone.cloud!.goneAt).toBe(T0 + 2);
    expect(reconcile([gone], list([], { missingBefore: new Set(["a-1"]) }), T0 + 3).changes).toEqual([]);
    const back = reconcile([gone], list([machine("a-1")]), T0 + 4);
    expect(kinds(back)).toEqual(["back"]);
    expect(back.changes[0]!.row.cloud!.goneAt).toBeNull();
  });

  it("of a region that could not be listed nothing is missing", () => {
    const rows = known([machine("a-1"), machine("b-1", { region: "ams" })]);
    const unlisted = { unlistedRegions: new Set(["ams"]), missingBefore: new Set(["b-1"]) };
    expect(reconcile(rows, list([machine("a-1")], unlisted), T0 + 1)).toEqual({ changes: [], merges: [], missing: [] });
  });

  it("instances of other accounts, and of none, are left alone", () => {
    const other = { ...emptyRow("own", T0), name: "own" };
    const theirs = known([machine("x-1")]).map((row) => ({ ...row, accountId: "acc-2" }));
    const result = reconcile([other, ...theirs], list([], { missingBefore: new Set(["x-1", "own"]) }), T0 + 1);
    expect(result).toEqual({ changes: [], merges: [], missing: [] });
  });

  it("the same id twice in one list is one machine", () => {
    expect(reconcile([], list([machine("a-1"), machine("a-1")]), T0).changes).toHaveLength(1);
  });
});

describe("a machine with an agent", () => {
  const agents = (more: Partial<InstanceRow>): InstanceRow => {
    return { ...emptyRow("hashed", T0), name: "host-1", agentVersion: "0.1.0", intervalMs: 30_000, ...more };
  };

  it("is met by the id its metadata service tells, and keeps its own name and history", () => {
    const row = agents({ cloudKind: "vultr", cloudId: "a-1" });
    const { changes } = reconcile([row], list([machine("a-1")]), T0);
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({ isNew: false, row: { id: "hashed", name: "host-1", accountInstanceId: "a-1" } });
    expect(changes[0]!.events[0]!.kind).toBe("merged");
  });

  it("is met by its id where that is the provider's, as the guide has it", () => {
    const { changes } = reconcile([agents({ id: "a-1" })], list([machine("a-1")]), T0);
    expect(changes).toMatchObject([{ isNew: false, row: { id: "a-1", accountId: "acc-1" } }]);
  });

  it("is not met by an id of another cloud", () => {
    const { changes } = reconcile([agents({ cloudKind: "aws", cloudId: "a-1" })], list([machine("a-1")]), T0);
    expect(changes).toMatchObject([{ isNew: true, row: { id: "a-1" } }]);
  });

  it("that was listed before its agent spoke is two rows that are one", () => {
    const [listed] = known([machine("a-1")]);
    const row = agents({ cloudKind: "vultr", cloudId: "a-1" });
    const { merges, changes } = reconcile([listed!, row], list([machine("a-1")]), T0 + 1);
    expect(merges).toEqual([{ listed, agents: row }]);
    expect(changes).toEqual([]);
  });

  it("is not taken over by another agent that claims to be it", () => {
    const [listed] = known([machine("a-1")]);
    const own = { ...listed!, agentVersion: "0.1.0", intervalMs: 30_000 };
    const claims = agents({ cloudKind: "vultr", cloudId: "a-1" });
    expect(reconcile([own, claims], list([machine("a-1")]), T0 + 1)).toEqual({ changes: [], merges: [], missing: [] });
  });
});

describe("what belongs to whom", () => {
  it("tags of the provider come and go with it, those given here stay", () => {
    const [row] = known([machine("a-1", { tags: ["web", "blue"] })]);
    const given = { ...row!, tags: ["blue", "mine", "web"] };
    const { changes } = reconcile([given], list([machine("a-1", { tags: ["web", "green"] })]), T0 + 1);
    expect(changes[0]!.row.tags).toEqual(["green", "mine", "web"]);
  });

  it("never more tags than an instance may have", () => {
    const tags = Array.from({ length: TAGS_MAX + 5 }, (_, i) => `t-${i}`);
    expect(known([machine("a-1", { tags })])[0]!.tags).toHaveLength(TAGS_MAX);
  });

  it("a name that its owner gave is not the provider's to change", () => {
    const [row] = known([machine("a-1")]);
    const named = { ...row!, name: "my web", nameGiven: "my web" };
    const { changes } = reconcile([named], list([machine("a-1", { name: "renamed" })]), T0 + 1);
    expect(changes[0]!.row.name).toBe("my web");
  });

  it("a number that two clouds might both give is told apart by the cloud", () => {
    const hetzner = { ...list([machine("42")]), account: { id: "acc-9", kind: "hetzner" as const } };
    expect(reconcile([], hetzner, T0).changes[0]!.row.id).toBe("hetzner-42");
  });

  it("a machine that another account lists is shown once, and taken over when that account does not list any more", () => {
    const theirs = known([machine("a-1")]).map((row) => ({
      ...row,
      accountId: "acc-2",
      cloud: { ...row.cloud!, accountId: "acc-2" },
    }));
    expect(reconcile(theirs, list([machine("a-1")]), T0).changes).toEqual([]);
    const { changes } = reconcile(theirs, list([machine("a-1")], { takesFrom: new Set(["acc-2"]) }), T0);
    expect(changes).toMatchObject([{ isNew: false, row: { id: "a-1", accountId: "acc-1" } }]);
  });

  it("an id that is taken by a machine of no cloud that nobody meets is told apart by the cloud", () => {
    const other = { ...known([machine("a-1")])[0]!, accountId: "acc-2", cloud: null };
    expect(reconcile([other], list([machine("a-1")]), T0).changes[0]!.row.id).toBe("vultr-a-1");
  });

  it("a machine that was stopped, and has another address when it starts, has moved", () => {
    const rows = known([machine("a-1")]);
    const off = reconcile(rows, list([machine("a-1", { status: "stopped", publicAddresses: [] })]), T0 + 1).changes[0]!;
    expect(off.movedTo).toBeUndefined();
    const on = reconcile([off.row], list([machine("a-1", { publicAddresses: ["203.0.114.9"] })]), T0 + 2).changes[0]!;
    expect(on.movedTo).toBe("203.0.114.9");
  });

  it("traffic is written when it has moved by what is worth a row, and no sooner", () => {
    const at = (usedBytes: number) => machine("a-1", { bandwidth: { usedBytes, allowedBytes: 1_000 } });
    const rows = known([at(100)]);
    expect(reconcile(rows, list([at(105)]), T0 + 1).changes).toEqual([]);
    const result = reconcile(rows, list([at(150)]), T0 + 1);
    expect(result.changes[0]!.row.bandwidth).toEqual({ usedBytes: 150, allowedBytes: 1_000, at: T0 + 1 });
    expect(kinds(result)).toEqual([]);
  });

  it("a list that tells only what traffic is allowed does not undo what was asked for", () => {
    const [row] = known([machine("a-1", { bandwidth: { usedBytes: null, allowedBytes: 1_000 } })]);
    const asked = { ...row!, bandwidth: { usedBytes: 900, allowedBytes: 1_000, at: T0 } };
    const again = machine("a-1", { bandwidth: { usedBytes: null, allowedBytes: 1_000 } });
    expect(reconcile([asked], list([again]), T0 + 1).changes).toEqual([]);
  });
});
