import { cpSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sampleSchema } from "../contract/ingest.ts";
import { ManualClock } from "./clock-for-tests.ts";
import { fixtureRoot, type Host } from "./collectors/fixture-for-tests.ts";
import { createCollectors } from "./collectors/index.ts";
import { EVERY_NAME } from "./name-list.ts";
import { Sampler } from "./sampler.ts";
import { Stream } from "./stream.ts";

function samplerOn(root: string) {
  const clock = new ManualClock();
  let boots = 0;
  const settings = { clock, nics: EVERY_NAME, filesystems: EVERY_NAME, includeNetworkFilesystems: false };
  const sampler = new Sampler({
    root,
    clock,
    log: { info() {}, warn() {}, debug() {} },
    stream: new Stream(() => "stream-a"),
    health: undefined,
    createCollectors: () => createCollectors(settings, root),
    queueReadings: () => ({ agent_samples_waiting: 0, agent_samples_dropped: 0 }),
    bootChanged: () => boots++,
  });
  return { clock, sampler, boots: () => boots };
}

describe("a sample of a whole machine", () => {
  it.each<Host>(["debian-vm", "lxc-container", "linux-3.10", "raid-and-bond"])(
    "%s is one the wire takes",
    async (host) => {
      const { sampler, clock } = samplerOn(fixtureRoot(host));
      await sampler.take(0);
      clock.monotonic += 1_000;
      const { sample } = await sampler.take(0);
      expect(sampleSchema.safeParse(sample).error).toBeUndefined();
      expect(Object.keys(sample.metrics).length).toBeGreaterThan(30);
    },
  );

  it("has rates from the second on, but not across a change of the boot id", async () => {
    const root = mkdtempSync(join(tmpdir(), "nephos-boot-"));
    cpSync(fixtureRoot("debian-vm"), root, { recursive: true });
    const { sampler, clock, boots } = samplerOn(root);
    const rateOfNext = async () => {
      clock.monotonic += 1_000;
      return (await sampler.take(0)).sample.metrics.network_receive_bytes_per_second;
    };
    expect(await rateOfNext()).toBeUndefined();
    expect(await rateOfNext()).toBe(0);
    writeFileSync(join(root, "proc/sys/kernel/random/boot_id"), "00000000-0000-0000-0000-000000000002\n");
    expect(await rateOfNext()).toBeUndefined();
    expect(boots()).toBe(1);
    expect(await rateOfNext()).toBe(0);
  });
});
