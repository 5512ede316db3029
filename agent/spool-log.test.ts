import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ManualClock, settled } from "./clock-for-tests.ts";
import { Spool } from "./spool.ts";
import { SpoolLog } from "./spool-log.ts";

let directory: string;
let spoolDirectory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "nephos-spool-"));
  spoolDirectory = join(directory, "spool");
});
afterEach(() => {
  chmodSync(directory, 0o700);
  rmSync(directory, { recursive: true });
});

const METRICS = { load_1m: 1.25, "disk_util_ratio:vda": 0.5 };
const sampleOf = (seq: number, metrics: Record<string, number> = METRICS) => ({ seq, at: seq * 1_000, metrics });

async function started(settings: { bytesMax?: number; segmentBytes?: number; samplesMax?: number } = {}) {
  const clock = new ManualClock();
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const spool = new Spool({ samplesMax: settings.samplesMax ?? 10_000 }, ({ count, from, to }) =>
    write(`given up: ${count} of ${from} to ${to}`),
  );
  const log = new SpoolLog({
    bytesMax: 1_000_000,
    ...settings,
    directory: spoolDirectory,
    spool,
    clock,
    log: { info: write, warn: write, debug: write },
  });
  await log.open();
  const append = async (from: number, through = from, stream = "stream-a") => {
    for (let seq = from; seq <= through; seq++) spool.append(stream, sampleOf(seq));
    await log.flush();
  };
  const durable = async (seq: number, stream = "stream-a") => {
    spool.handOver(stream, seq);
    spool.durable(stream, seq);
    await log.flush();
  };
  return { clock, lines, spool, log, append, durable };
}
/** What a new run finds. */
async function recovered() {
  const run = await started();
  await run.log.close();
  return {
    lines: run.lines,
    kept: [...run.spool.all()].map(([stream, { seq }]) => `${stream} ${seq}`),
    spool: run.spool,
  };
}
const names = (seqs: number[], stream = "stream-a") => seqs.map((seq) => `${stream} ${seq}`);
const segments = () =>
  readdirSync(spoolDirectory)
    .filter((name) => name.endsWith(".log"))
    .sort();
const range = (from: number, through: number) => Array.from({ length: through - from + 1 }, (_, at) => from + at);

describe("the spool's log", () => {
  it("brings everything back as it was, whatever became of some of it", async () => {
    const first = await started();
    await first.append(1, 6);
    await first.append(1, 2, "stream-b");
    await first.durable(2);
    first.spool.discard("stream-a", 4);
    first.spool.renameStream("stream-b", "stream-c");
    await first.append(3, 3, "stream-c");
    await first.log.close();
    const { kept, spool, lines } = await recovered();
    expect(kept).toEqual([...names([3, 5, 6]), ...names([1, 2, 3], "stream-c")]);
    expect(spool.unsent("stream-a", 1)?.samples).toEqual([sampleOf(3)]);
    expect([spool.waiting, spool.dropped]).toEqual([6, 0]);
    expect(lines).toEqual(["Samples of an earlier run that are still to be sent: 6"]);
  });

  it("keeps the samples' own keys where they come and go", async () => {
    const { spool, log } = await started({ segmentBytes: 300 });
    const metricsOf = (seq: number): Record<string, number> => (seq % 2 ? { a: seq } : { a: seq, b: -seq });
    for (const seq of range(1, 20)) spool.append("stream-a", sampleOf(seq, metricsOf(seq)));
    await log.close();
    expect(segments().length).toBeGreaterThan(2);
    expect((await recovered()).spool.unsent("stream-a", 100)?.samples).toEqual(
      range(1, 20).map((seq) => sampleOf(seq, metricsOf(seq))),
    );
  });

  it("says a list of keys once in a file, and one sample of 90 series takes about a kilobyte", async () => {
    const { spool, log } = await started();
    const metrics = Object.fromEntries(
      range(1, 90).map((at) => [`disk_util_ratio:disk-${at}`, Number((at / 91).toFixed(5))]),
    );
    for (const seq of range(1, 100)) spool.append("stream-a", sampleOf(seq, metrics));
    await log.close();
    expect(statSync(join(spoolDirectory, segments()[0]!)).size).toBeLessThan(100 * 1_000);
  });

  it("is readable by nobody else", async () => {
    const { append, log } = await started();
    await append(1);
    await log.close();
    expect(statSync(spoolDirectory).mode & 0o777).toBe(0o700);
    expect(statSync(join(spoolDirectory, segments()[0]!)).mode & 0o777).toBe(0o600);
  });

  it("gives back everything before the cut, wherever the power went", async () => {
    const { append, log } = await started();
    await append(1, 5);
    await log.close();
    const path = join(spoolDirectory, segments()[0]!);
    const bytes = readFileSync(path);
    const ends = [...bytes.keys()].filter((at) => bytes[at] === 10);
    for (let length = 0; length <= bytes.length; length++) {
      writeFileSync(path, bytes.subarray(0, length));
      const { kept, lines } = await recovered();
      // The first line holds the keys. A line that only lacks its end is whole.
      const whole = ends.filter((end) => end <= length).length;
      expect(kept).toEqual(names(range(1, Math.max(0, whole - 1))));
      expect(lines.filter((line) => line.includes("damaged"))).toEqual([]);
    }
  });

  it("loses only what a damaged byte touches, says so once, and goes on", async () => {
    const { append, log } = await started();
    await append(1, 4);
    await log.close();
    const path = join(spoolDirectory, segments()[0]!);
    const bytes = readFileSync(path);
    const firstEnd = bytes.indexOf(10);
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 0x15;
      writeFileSync(path, damaged);
      const { kept, lines } = await recovered();
      // The first line names the numbers of all others; the end of a line belongs to two.
      if (at > firstEnd) expect(kept.length).toBeGreaterThanOrEqual(bytes[at] === 10 ? 2 : 3);
      else expect(kept).toEqual([]);
      expect(names(range(1, 4))).toEqual(expect.arrayContaining(kept));
      const isLastEnd = at === bytes.length - 1;
      expect(lines.filter((line) => line.includes("damaged"))).toHaveLength(isLastEnd ? 0 : 1);
    }
  });

  it("deletes a file only when everything in it is durable, oldest first", async () => {
    const { append, durable, log } = await started({ segmentBytes: 400 });
    for (const seq of range(1, 20)) await append(seq);
    const all = segments();
    expect(all).toHaveLength(3);
    await durable(1);
    expect(segments()).toEqual(expect.arrayContaining(all));
    await durable(12);
    const left = segments();
    expect(left[0]! > all[0]!).toBe(true);
    await durable(20);
    expect(segments()).toHaveLength(1);
    await log.close();
    expect((await recovered()).kept).toEqual([]);
  });

  it("gives up the oldest file when it is full, counts what was in it, and says so once", async () => {
    const { append, spool, lines, log } = await started({ segmentBytes: 400, bytesMax: 1_500 });
    for (const seq of range(1, 60)) await append(seq);
    const bytes = segments().reduce((sum, name) => sum + statSync(join(spoolDirectory, name)).size, 0);
    expect(bytes).toBeLessThan(2_000);
    expect(spool.size + spool.dropped).toBe(60);
    expect(lines).toEqual([expect.stringMatching(/^given up: \d+ of 1000 to \d+$/)]);
    await log.close();
    expect((await recovered()).kept).toEqual(names(range(61 - spool.size, 60)));
  });

  it("does not bring back what had to give way in memory", async () => {
    const { append, spool, log } = await started({ samplesMax: 5 });
    await append(1, 12);
    expect(spool.dropped).toBe(7);
    await log.close();
    expect((await recovered()).kept).toEqual(names(range(8, 12)));
  });

  it("keeps through several runs what is not durable, whatever its stream was called at first", async () => {
    const first = await started();
    await first.append(1, 3);
    first.spool.renameStream("stream-a", "stream-b");
    await first.log.close();
    for (let run = 1; run <= 3; run++) {
      const next = await started();
      await next.append(run, run, "stream-c");
      await next.log.close();
    }
    const { kept } = await recovered();
    expect(kept).toEqual([...names([1, 2, 3], "stream-b"), ...names([1, 2, 3], "stream-c")]);
  });

  it("is not led astray by what else lies in its directory", async () => {
    const { append, log } = await started();
    await append(1, 2);
    await log.close();
    writeFileSync(join(spoolDirectory, "0000000000.log"), "touch owned\n");
    writeFileSync(join(spoolDirectory, "notes.txt"), "mine");
    const { kept, lines } = await recovered();
    expect(kept).toEqual(names([1, 2]));
    expect(lines).toContain("Records of the spool that were damaged and are left out: 1");
  });
});

describe("without a disk that takes it", () => {
  /** Root may write everywhere, so what stands in the way is a file. */
  const block = () => writeFileSync(spoolDirectory, "in the way");

  it("goes on in memory, says so once, and writes everything when it can again", async () => {
    block();
    const { append, spool, lines, clock, log } = await started();
    await append(1, 3);
    await clock.pass(300_000);
    await append(4);
    expect(lines).toEqual([expect.stringMatching(/^Samples are kept in memory only, and end with this program: E/)]);
    rmSync(spoolDirectory);
    await clock.pass(300_000);
    spool.append("stream-a", sampleOf(5));
    while (!lines.includes("Samples are kept on disk again")) await settled();
    await append(6);
    await log.close();
    expect((await recovered()).kept).toEqual(names(range(1, 6)));
  });

  it("takes the place of the old files when the disk is back, and knows what an earlier run left", async () => {
    const first = await started();
    await first.append(1, 3, "stream-z");
    await first.log.close();
    const { append, durable, lines, clock, log, spool } = await started();
    await append(1, 2);
    const kept = join(directory, "elsewhere");
    mkdirSync(kept);
    // The disk goes: what is written now fails.
    rmSync(spoolDirectory, { recursive: true });
    block();
    await append(3, 4);
    await durable(1);
    rmSync(spoolDirectory);
    await clock.pass(300_000);
    spool.append("stream-a", sampleOf(5));
    while (!lines.includes("Samples are kept on disk again")) await settled();
    await log.close();
    expect((await recovered()).kept.sort()).toEqual([...names(range(2, 5)), ...names(range(1, 3), "stream-z")]);
  });
});

describe("two agents on one directory", () => {
  it("do not both write: the second says why, and takes over when the first is gone", async () => {
    const lock = join(spoolDirectory, "lock");
    mkdirSync(spoolDirectory);
    const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"]);
    const stat = () => readFileSync(`/proc/${other.pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    writeFileSync(lock, `${other.pid} ${stat()[19]} ${boot}`);
    const { append, lines, clock, spool, log } = await started();
    await append(1);
    expect(lines).toEqual([expect.stringContaining(`another agent (process ${other.pid}) uses ${spoolDirectory}`)]);
    expect(segments()).toEqual([]);
    other.kill("SIGKILL");
    await once(other, "close");
    await clock.pass(300_000);
    spool.append("stream-a", sampleOf(2));
    while (!lines.includes("Samples are kept on disk again")) await settled();
    await log.close();
    expect((await recovered()).kept).toEqual(names([1, 2]));
  });

  it.each(["1 0 another-boot", `${process.pid} 1 started-before`, "nonsense", ""])(
    "is no matter where the lock %j is of one that is gone",
    async (text) => {
      mkdirSync(spoolDirectory);
      writeFileSync(join(spoolDirectory, "lock"), text);
      const { append, lines, log } = await started();
      await append(1);
      expect([lines, segments().length]).toEqual([[], 1]);
      await log.close();
      expect(readdirSync(spoolDirectory)).not.toContain("lock");
    },
  );
});

describe("killed at any moment", () => {
  it("has every sample it had said to be kept", { timeout: 60_000 }, async () => {
    const program = join(import.meta.dirname, "spool-writer-for-tests.ts");
    let most = 0;
    for (let round = 0; round < 20; round++) {
      const child = spawn(process.execPath, [program, spoolDirectory, String(round)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let out = "";
      child.stdout.on("data", (chunk) => {
        out += String(chunk);
        // Somewhere in the course of things, another place each time.
        if (out.split("\n").length > 2 + Math.random() * 60) child.kill("SIGKILL");
      });
      await once(child, "close");
      const said = out.split("\n").slice(0, -1);
      most = Math.max(most, said.length);
      const { kept } = await recovered();
      expect(kept).toEqual(expect.arrayContaining(said));
    }
    expect(most).toBeGreaterThan(3);
  });
});
