import { writeSync } from "node:fs";
import { systemClock } from "./clock.ts";
import { Spool } from "./spool.ts";
import { SpoolLog } from "./spool-log.ts";

/** Keeps samples as fast as the disk allows and prints each as soon as it is kept, until it is killed. */
const [directory, run] = process.argv.slice(2) as [string, string];
const spool = new Spool({ samplesMax: 1_000_000 });
const silent = { info() {}, warn() {}, debug() {} };
const log = new SpoolLog({
  directory,
  bytesMax: 64_000_000,
  segmentBytes: 2_000,
  spool,
  clock: systemClock,
  log: silent,
});
await log.open();
const stream = `stream-${run.padStart(2, "0")}`;
for (let seq = 1; ; seq++) {
  spool.append(stream, { seq, at: seq, metrics: { load_1m: seq, load_5m: seq / 3 } });
  if (!(await log.flush())) throw new Error("it is not kept");
  writeSync(1, `${stream} ${seq}\n`);
}
