import { describe, expect, it } from "vitest";
import { ManualClock } from "../clock-for-tests.ts";
import { EVERY_NAME } from "../name-list.ts";
import { filesystemCollector, parseStatFs, type ReadStatFs } from "./filesystem.ts";
import { fixture, readingsOf, told } from "./fixture-for-tests.ts";

const disk = { bsize: 4_096, blocks: 1_000, bfree: 300, bavail: 250, files: 100, ffree: 40 };
const collectorOf = (read: ReadStatFs, clock = new ManualClock()) =>
  filesystemCollector({ filesystems: EVERY_NAME, includeNetworkFilesystems: false, clock }, read);

describe("the filesystem collector", () => {
  it("tells the share in use as df does: of what users can have", () => {
    expect(parseStatFs(disk)).toEqual({
      totalBytes: 4_096_000,
      usedBytes: 2_867_200,
      availableBytes: 1_024_000,
      usedRatio: 700 / 950,
      inodesUsedRatio: 0.6,
    });
  });

  it("has no share of inodes where there are none to run out of", () => {
    expect(parseStatFs({ ...disk, files: 0, ffree: 0 }).inodesUsedRatio).toBeUndefined();
  });

  it("asks each filesystem once, below the root it reads from", async () => {
    const asked: string[] = [];
    const root = fixture("raid-and-bond").root;
    await readingsOf(
      collectorOf((path) => (asked.push(path.slice(root.length)), Promise.resolve(disk))),
      fixture("raid-and-bond"),
    );
    expect(asked).toEqual(["/", "/boot", "/srv/my data\\x", "/tank", "/tank/home"]);
  });

  it("adds up what is there, a pool's free space once, and tells the worst share", async () => {
    const [reading] = await readingsOf(
      collectorOf((path) => Promise.resolve(path.endsWith("/boot") ? { ...disk, bfree: 10, bavail: 10 } : disk)),
      fixture("raid-and-bond"),
    );
    expect(reading).toMatchObject({
      filesystem_used_ratio: 0.99,
      filesystem_available_bytes: (250 + 10 + 250 + 250) * 4_096,
      filesystem_used_bytes: (700 + 990 + 700 + 1_400) * 4_096,
      filesystem_read_only: 1,
      "filesystem_read_only:/": 0,
      "filesystem_used_ratio:/srv/my data_x": 700 / 950,
    });
  });

  it("leaves out a filesystem it may not look at, and tells the others", async () => {
    const forbidden = Object.assign(new Error("EACCES"), { code: "EACCES" });
    const [reading] = await readingsOf(
      collectorOf((path) => (path.endsWith("/boot") ? Promise.reject(forbidden) : Promise.resolve(disk))),
      fixture("raid-and-bond"),
    );
    expect(reading).toHaveProperty(["filesystem_used_ratio:/"]);
    expect(reading).not.toHaveProperty(["filesystem_used_ratio:/boot"]);
  });

  it("is not held by a filesystem that hangs, and does not ask it again until it answers", async () => {
    const clock = new ManualClock();
    const asked: string[] = [];
    let answer: (stat: typeof disk) => void = () => {};
    const collector = collectorOf((path) => {
      asked.push(path);
      return path.endsWith("/srv/data") ? new Promise((resolve) => (answer = resolve)) : Promise.resolve(disk);
    }, clock);
    const procfs = fixture("lxc-container");
    const collectOnce = async () => {
      const reading = Promise.resolve(collector.collect({ monotonicMs: 0, procfs }));
      await clock.pass(2_000);
      return told(await reading);
    };
    expect(await collectOnce()).not.toHaveProperty(["filesystem_used_ratio:/srv/data"]);
    await collectOnce();
    expect(asked.filter((path) => path.endsWith("/srv/data"))).toHaveLength(1);
    answer(disk);
    await clock.pass(0);
    await collectOnce();
    expect(asked.filter((path) => path.endsWith("/srv/data"))).toHaveLength(2);
  });
});
