import { mkdtempSync, readdirSync, statSync, writeFileSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { instanceFactsSchema, instanceIdSchema } from "../contract/ingest.ts";
import { ManualClock } from "./clock-for-tests.ts";
import { fixture, fixtureRoot } from "./collectors/fixture-for-tests.ts";
import { configOf } from "./config.ts";
import { readFacts } from "./facts.ts";
import { readInstanceId } from "./instance-id.ts";

const empty = () => mkdtempSync(join(tmpdir(), "nephos-id-"));

describe("the instance id", () => {
  it("is the same at each start, and does not give the machine id away", () => {
    const { id, isKept } = readInstanceId(fixtureRoot("debian-vm"), undefined);
    expect(readInstanceId(fixtureRoot("debian-vm"), undefined).id).toBe(id);
    expect(isKept).toBe(true);
    expect(id).not.toContain("4c4c4544");
    expect(instanceIdSchema.safeParse(id).success).toBe(true);
  });

  it("is a random one that is kept where the machine has none", () => {
    const state = join(empty(), "state");
    const first = readInstanceId(empty(), state);
    expect(first.isKept).toBe(true);
    expect(readInstanceId(empty(), state).id).toBe(first.id);
    expect(statSync(join(state, readdirSync(state)[0]!)).mode & 0o777).toBe(0o644);
  });

  it("is told to be new each time where it cannot be kept", () => {
    const file = join(empty(), "file");
    writeFileSync(file, "");
    expect(readInstanceId(empty(), join(file, "state")).isKept).toBe(false);
  });

  it("is not taken from a machine id that is not one yet", () => {
    const root = empty();
    mkdirSync(join(root, "etc"));
    writeFileSync(join(root, "etc/machine-id"), "uninitialized\n");
    expect(readInstanceId(root, empty()).id).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe("the facts", () => {
  it.each(["debian-vm", "lxc-container", "linux-3.10"] as const)("of %s are ones the wire takes", (host) => {
    const facts = readFacts(configOf({}, "print"), "i-1", fixture(host), new ManualClock().wall);
    expect(instanceFactsSchema.parse(facts)).toEqual(facts);
  });

  it("are the machine's own", () => {
    expect(
      readFacts(configOf({ VULTR_REGION: "ewr" }, "print"), "i-1", fixture("debian-vm"), 1_800_000_000_000),
    ).toMatchObject({
      os: "Debian GNU/Linux 12 (bookworm)",
      kernel: "6.12.48-cloud-amd64",
      memoryTotalBytes: 24_684_084 * 1_024,
      region: "ewr",
      bootId: "3b1f7c52-0d7e-4a53-9a6e-7d1f2c5b8e90",
    });
  });
});
