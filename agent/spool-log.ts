import { readdir } from "node:fs/promises";
import type { DurationMs } from "../contract/units.ts";
import type { Clock } from "./clock.ts";
import type { Log } from "./log.ts";
import type { Packed } from "./packed.ts";
import { reasonOf } from "./reply.ts";
import type { Spool, SpoolJournal } from "./spool.ts";
import {
  appendToSegment,
  deleteSegment,
  isSegmentName,
  makeSpoolDirectory,
  segmentName,
  syncSpoolDirectory,
} from "./spool-disk.ts";
import { SpoolLock } from "./spool-lock.ts";
import { restoreInto } from "./spool-recovery.ts";
import { Segment, type Written } from "./spool-segment.ts";

/** A whole file is deleted at once, when nothing in it is needed any more. */
const SEGMENT_BYTES: number = 256 * 1_024;
/** So much is written at a time: what waits for a slow disk is written together. */
const CHUNK_BYTES = 64 * 1_024;
const RETRY_AFTER_MS: DurationMs = 5 * 60_000;
const CLOSE_LIMIT_MS: DurationMs = 1_000;

export interface SpoolLogSettings {
  directory: string;
  bytesMax: number;
  spool: Spool;
  clock: Clock;
  log: Log;
  segmentBytes?: number;
}

/**
 * The spool's log on disk: what is kept, so that it outlives this program and the power. Written beside everything else, never
 * waited for: a sample goes to the edge no later because the disk is slow. Without a disk that takes it, everything goes on in
 * memory, and the disk is tried again later, with all that is kept then.
 */
export class SpoolLog implements SpoolJournal {
  readonly #settings: Required<SpoolLogSettings>;
  #lock: SpoolLock | undefined;
  #segments: Segment[] = [];
  /** Those whose content is being written anew. */
  #replaced: Segment[] = [];
  #lastNumber = 0;
  #isNewNeeded = true;
  #pending: Written[] = [];
  #draining: Promise<void> | undefined;
  #state: "off" | "opening" | "on" | "closed" = "off";
  #retryMs = 0;
  #hasRecovered = false;
  #hasToldFailure = false;

  constructor(settings: SpoolLogSettings) {
    this.#settings = { segmentBytes: SEGMENT_BYTES, ...settings };
  }

  /** Brings back what an earlier run kept, and begins to write. Never fails: without a disk it is off. */
  async open(): Promise<void> {
    this.#settings.spool.attach(this);
    await this.#open();
  }

  appended(stream: string, entry: Packed): void {
    const { clock } = this.#settings;
    if (this.#state === "off" && clock.monotonicMs() >= this.#retryMs) void this.#open();
    this.#write({ kind: "sample", stream, entry });
  }

  forgotten(stream: string, through: number): void {
    this.#write({ kind: "forgotten", stream, through });
  }

  discarded(stream: string, seq: number): void {
    this.#write({ kind: "discarded", stream, seq });
  }

  renamed(from: string, to: string): void {
    this.#write({ kind: "renamed", from, to });
  }

  /** Done when all there is to write is written; answers whether it is kept on disk. */
  async flush(): Promise<boolean> {
    while (this.#draining) await this.#draining;
    return this.#state === "on";
  }

  async close(): Promise<void> {
    const { clock } = this.#settings;
    let cancel = () => {};
    await Promise.race([
      this.flush(),
      new Promise<void>((resolve) => void (cancel = clock.after(CLOSE_LIMIT_MS, resolve))),
    ]);
    cancel();
    this.#state = "closed";
    this.#lock?.release();
  }

  async #open(): Promise<void> {
    const { directory, spool, log } = this.#settings;
    this.#state = "opening";
    const isBehind = spool.size > 0;
    try {
      makeSpoolDirectory(directory);
      this.#lock ??= new SpoolLock(directory);
      await this.#recover();
      if (this.#state !== "opening") return;
      // What was kept in memory alone goes to disk as a whole, and takes the place of what stands there.
      if (isBehind) {
        this.#replaced.push(...this.#segments.splice(0));
        this.#pending = [...spool.all()].map(([stream, entry]) => ({ kind: "sample", stream, entry }));
      }
      this.#isNewNeeded = true;
      this.#state = "on";
      const isKept = await this.#drain().then(() => this.flush());
      if (this.#hasToldFailure && isKept) log.info("Samples are kept on disk again");
      this.#hasToldFailure &&= !isKept;
    } catch (error) {
      this.#turnOff(error as Error);
    }
  }

  async #recover(): Promise<void> {
    if (this.#hasRecovered) return;
    const { directory, spool, log } = this.#settings;
    const names = (await readdir(directory)).filter(isSegmentName).sort();
    this.#lastNumber = Number.parseInt(names.at(-1) ?? "0", 10);
    this.#segments = names.map((name) => new Segment(name));
    const { samples, damaged } = await restoreInto(directory, spool, this.#segments);
    this.#hasRecovered = true;
    if (samples > 0) log.info(`Samples of an earlier run that are still to be sent: ${samples}`);
    if (damaged > 0) log.warn(`Records of the spool that were damaged and are left out: ${damaged}`);
  }

  #write(written: Written): void {
    if (this.#state !== "on") return;
    this.#pending.push(written);
    void this.#drain();
  }

  #drain(): Promise<void> {
    this.#draining ??= this.#drainAll();
    return this.#draining;
  }

  async #drainAll(): Promise<void> {
    try {
      do {
        while (this.#pending.length > 0) await this.#writeChunk();
        while (this.#replaced.length > 0) await deleteSegment(this.#settings.directory, this.#replaced.shift()!.name);
        await this.#trim();
      } while (this.#pending.length > 0);
    } catch (error) {
      this.#turnOff(error as Error);
    }
    this.#draining = undefined;
  }

  async #writeChunk(): Promise<void> {
    const { directory, segmentBytes } = this.#settings;
    const isNew = this.#isNewNeeded || this.#segments.at(-1)!.bytes >= segmentBytes;
    if (isNew) this.#segments.push(new Segment(segmentName(++this.#lastNumber)));
    const segment = this.#segments.at(-1)!;
    let text = "";
    let isToSync = false;
    let count = 0;
    for (const written of this.#pending) {
      if (text.length >= Math.min(CHUNK_BYTES, segmentBytes)) break;
      text += segment.linesOf(written);
      if (written.kind === "renamed") for (const earlier of this.#segments) earlier.rename(written.from, written.to);
      // What became of a sample need not last: at worst it is sent again, and the edge knows it.
      isToSync ||= written.kind === "sample";
      count++;
    }
    this.#pending.splice(0, count);
    segment.bytes += Buffer.byteLength(text);
    await appendToSegment(directory, segment.name, text, isToSync);
    if (isNew) await syncSpoolDirectory(directory);
    this.#isNewNeeded = false;
  }

  /** Oldest first, and only so: what stands in a later file may be about samples of an earlier one. */
  async #trim(): Promise<void> {
    const { directory, spool, bytesMax } = this.#settings;
    while (this.#segments.length > 1) {
      const [oldest] = this.#segments as [Segment];
      const isNeeded = [...oldest.through].some(([stream, through]) => spool.keeps(stream, through));
      const isFull = this.#segments.reduce((bytes, segment) => bytes + segment.bytes, 0) > bytesMax;
      if (isNeeded && !isFull) return;
      if (isNeeded) spool.giveUp(oldest.through);
      this.#segments.shift();
      await deleteSegment(directory, oldest.name);
    }
  }

  #turnOff(error: NodeJS.ErrnoException): void {
    if (this.#state === "closed") return;
    this.#state = "off";
    this.#pending = [];
    // What was to take the place of these was not finished, and is all in memory.
    if (this.#replaced.length > 0) {
      for (const { name } of this.#segments) void deleteSegment(this.#settings.directory, name).catch(() => {});
      this.#segments = this.#replaced.splice(0);
    }
    this.#retryMs = this.#settings.clock.monotonicMs() + RETRY_AFTER_MS;
    if (!this.#hasToldFailure) {
      this.#settings.log.warn(`Samples are kept in memory only, and end with this program: ${reasonOf(error)}`);
    }
    this.#hasToldFailure = true;
  }
}
