import { CHECK_ID_PREFIX } from "../../contract/limits.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { log, messageOf } from "../log.ts";
import {
  deleteOlderGenerations,
  placesOf,
  readBlocks,
  writeBlocks,
  type BlockName,
  type BlockToWrite,
  type StoredBlock,
} from "../series/block-store.ts";
import type { PackedBlock } from "../series/block/directory.ts";
import { LaterVersion } from "../series/block/column.ts";
import { packSamples, SampleColumns, unpackSamples } from "../series/block/samples.ts";
import { logUnreadable } from "../series/store.ts";
import { bucketOf, TIER_SPECS } from "../series/tiers.ts";
import {
  BLOCK_BYTES_MAX,
  CHECK_FLUSH_EVERY_MS,
  CROWDED_SHARE,
  FLUSH_AGAIN_AFTER_MS,
  FLUSH_GROUP_VALUES_MAX,
  FLUSH_GROUPS_PER_EVENT_MAX,
  FLUSH_PHASE_MAX_MS,
  TAIL_VALUES_MAX,
} from "../settings.ts";
import type { Tails, WaitingSample } from "./tails.ts";

export interface Flushed {
  instanceId: string;
  samples: readonly WaitingSample[];
}

/** Whether a sample is to be written now; `cut` is the common moment. */
type IsMeant = (sample: WaitingSample, cut: EpochMs) => boolean;

export interface FlushListener {
  /** Blocks of these hours are about to be written, and have been: said twice, since either moment may be the last. */
  writing(hours: readonly number[]): Promise<void>;
  flushed(flushed: Flushed): void;
  unreadable(): void;
}

/**
 * Writes what waits into its blocks: reads the block of the hour, puts the samples in, writes it again, some instances at a time.
 * Whoever writes says which version was read, so two writers of one block never lose each other's samples; and a sample that is
 * there already changes nothing, so what was written without an answer is simply written again.
 */
export class Flusher {
  readonly #db: Database;
  readonly #tails: Tails;
  readonly #everyMs: () => DurationMs;
  readonly #on: FlushListener;
  #turn: Promise<unknown> = Promise.resolve();
  #due: Promise<void> | undefined;
  #notBefore: EpochMs = 0;
  lastAt: EpochMs | null = null;
  problem: string | null = null;

  constructor(db: Database, tails: Tails, everyMs: () => DurationMs, on: FlushListener) {
    this.#db = db;
    this.#tails = tails;
    this.#everyMs = everyMs;
    this.#on = on;
  }

  /** Writes what is due; does nothing while it is at it, or soon after a failure. Never fails: what could not be written waits. */
  flushDue(now: EpochMs): Promise<void> {
    if (this.#due || now < this.#notBefore) return this.#due ?? Promise.resolve();
    const ids = this.#dueAt(now);
    if (ids.length === 0) return Promise.resolve();
    this.#due = this.#flush(ids, (sample, cut) => sample.at < cut, now, FLUSH_GROUPS_PER_EVENT_MAX)
      .catch((error: unknown) => {
        this.#notBefore = now + FLUSH_AGAIN_AFTER_MS;
        log({ event: "flush_failed", instances: ids.length, message: messageOf(error) });
      })
      .finally(() => (this.#due = undefined));
    return this.#due;
  }

  /** Writes all that waits of these instances, or of all; fails where it could not. */
  flushNow(now: EpochMs, ids: readonly string[] = this.#tails.instanceIds): Promise<void> {
    return this.#flush(ids, () => true, now, Infinity);
  }

  /**
   * Blocks are written up to the same moments, so that an hour's last write is at its end and no sample of the next hour pays
   * for one of its own. Instances follow each other, so that the work is spread. A clock that runs ahead must not hold a
   * sample here for ever, and memory has an end.
   */
  #dueAt(now: EpochMs): string[] {
    const everyone = isCrowded(this.#tails);
    return this.#tails.instanceIds.filter((id) => {
      if (everyone) return true;
      const everyMs = this.#everyMsOf(id);
      const cut = cutAt(now - phaseOf(id), everyMs);
      return this.#tails.of(id).some(({ at, takenAt }) => at < cut || takenAt < now - 2 * everyMs);
    });
  }

  /** Rounds of a check are durable in the journal: their blocks are written more seldom. */
  #everyMsOf(id: string): DurationMs {
    const everyMs = this.#everyMs();
    return id.startsWith(CHECK_ID_PREFIX) ? Math.max(everyMs, CHECK_FLUSH_EVERY_MS) : everyMs;
  }

  #flush(ids: readonly string[], isMeant: IsMeant, now: EpochMs, groupsMax: number): Promise<void> {
    const run = this.#turn.then(async () => {
      let failure: unknown;
      let groups = 0;
      for (const group of this.#groups(ids)) {
        failure = (await this.#tryGroup(group, isMeant, now)) ?? failure;
        if (++groups >= groupsMax) break;
      }
      this.problem = failure === undefined ? null : messageOf(failure);
      if (failure !== undefined) throw failure as Error;
      this.lastAt = now;
    });
    this.#turn = run.catch(() => {});
    return run;
  }

  /** One that cannot be written must not keep the others waiting: what fails together is tried one by one. Answers why it failed. */
  async #tryGroup(group: string[], isMeant: IsMeant, now: EpochMs): Promise<unknown> {
    try {
      await this.#write(group, isMeant, now);
      return undefined;
    } catch (error) {
      if (group.length === 1) return error;
    }
    let failure: unknown;
    let written = 0;
    for (const id of group) {
      const failed = await this.#tryGroup([id], isMeant, now);
      if (failed === undefined) written++;
      failure = failed ?? failure;
      // The database is away, and it is not one of them that is the matter.
      if (written === 0 && failed !== undefined && id !== group[0]) break;
    }
    return failure;
  }

  /** So many instances at once that packing them does not keep a live sample waiting. */
  *#groups(ids: readonly string[]): Iterable<string[]> {
    let group: string[] = [];
    let values = 0;
    for (const id of ids) {
      group.push(id);
      values += this.#tails.valuesOf(id);
      if (values < FLUSH_GROUP_VALUES_MAX) continue;
      yield group;
      [group, values] = [[], 0];
    }
    if (group.length > 0) yield group;
  }

  async #write(ids: string[], isMeant: IsMeant, now: EpochMs): Promise<void> {
    const everything = isCrowded(this.#tails);
    const taken = ids.map((instanceId): Flushed => {
      const everyMs = this.#everyMsOf(instanceId);
      const cut = cutAt(now - phaseOf(instanceId), everyMs);
      const isOld = ({ takenAt }: WaitingSample) => takenAt < now - 2 * everyMs;
      const all = this.#tails.of(instanceId);
      // Of one stream the samples that are due come before those that are not; where one is overdue, all go.
      const whole = everything || all.some(isOld);
      return { instanceId, samples: whole ? [...all] : all.filter((sample) => isMeant(sample, cut)) };
    });
    const wanted = taken.flatMap(({ instanceId, samples }) =>
      [...Map.groupBy(samples, ({ at }) => bucketOf(TIER_SPECS.raw, at))].map(([bucket, of]) => ({
        instanceId,
        bucket,
        samples: of,
      })),
    );
    const hours = [...new Set(wanted.map(({ bucket }) => bucket))];
    await this.#on.writing(hours);
    const stored = Map.groupBy(await readBlocks(this.#db, TIER_SPECS.raw, wanted), nameOf);
    const made = wanted.map((one) => ({ one, block: this.#merged(one, one.samples, stored.get(nameOf(one)) ?? []) }));
    const blocks = made.flatMap(({ block }) => block ?? []);
    if (blocks.length > 0) await this.#save(blocks, stored);
    await this.#on.writing(hours);
    for (const { instanceId, samples } of taken) {
      const done = new Set(samples);
      this.#tails.drop(instanceId, (sample) => done.has(sample));
      this.#on.flushed({ instanceId, samples });
    }
  }

  /** The block with these samples in it; undefined where it holds them already. */
  #merged(
    { instanceId, bucket }: BlockName,
    samples: readonly WaitingSample[],
    stored: StoredBlock[],
  ): BlockToWrite | undefined {
    const columns = new SampleColumns();
    let known: SampleColumns | undefined;
    let added = 0;
    for (const block of stored) {
      const read = this.#unpacked(block);
      if (!read) continue;
      if (known) added += known.merge(read.samples());
      else known = read;
    }
    const into = known ?? columns;
    added += into.merge(samples);
    const inNewest = stored.find(({ isNewest }) => isNewest);
    if (added === 0 && inNewest && stored.length === 1) return undefined;
    const block = packed(into);
    if (block.count < into.count)
      log({ event: "block_thinned", instanceId, bucket, samples: into.count, kept: block.count });
    return { instanceId, bucket, tier: TIER_SPECS.raw, versionRead: inNewest?.version ?? 0, ...block };
  }

  #unpacked(block: StoredBlock): SampleColumns | undefined {
    const say = (message: string) => {
      this.#on.unreadable();
      logUnreadable(block, message);
    };
    try {
      return unpackSamples(block, (series) => say(`series ${series}`));
    } catch (error) {
      // Written by a later Nephos, which will read it again: not to be written over.
      if (error instanceof LaterVersion) throw error;
      say(messageOf(error));
      return undefined;
    }
  }

  async #save(blocks: BlockToWrite[], stored: ReadonlyMap<string, StoredBlock[]>): Promise<void> {
    const written = await writeBlocks(this.#db, blocks);
    const names = new Set(written.map(nameOf));
    const left = blocks.filter((block) => !names.has(nameOf(block)));
    if (left.length > 0) {
      for (const { instanceId, bucket, isSubject, standing } of await placesOf(this.#db, left)) {
        if (isSubject && !(standing !== null && standing > bucket)) {
          throw new Error(`Block ${bucket} of ${instanceId} was written by another at the same moment.`);
        }
      }
    }
    const moved = written.filter((block) => stored.get(nameOf(block))?.some(({ isNewest }) => !isNewest));
    if (moved.length > 0) await deleteOlderGenerations(this.#db, moved);
  }
}

/** A block within what a row may have: an hour with more than that keeps every second sample, and stays whole in time. */
function packed(columns: SampleColumns): PackedBlock {
  const block = packSamples(columns);
  return block.data.length <= BLOCK_BYTES_MAX ? block : packed(columns.everySecond());
}

/** Memory is short: everything is written now, whenever it would be due. */
function isCrowded(tails: Tails): boolean {
  return tails.values > TAIL_VALUES_MAX * CROWDED_SHARE;
}

const nameOf = ({ instanceId, bucket }: BlockName) => `${bucket} ${instanceId}`;

function cutAt(now: EpochMs, everyMs: DurationMs): EpochMs {
  return Math.floor(now / everyMs) * everyMs;
}

/** How long after the common moment this instance is written. */
function phaseOf(instanceId: string): DurationMs {
  let hash = 0;
  for (let i = 0; i < instanceId.length; i++) hash = Math.imul(hash, 31) + instanceId.charCodeAt(i);
  return (hash >>> 0) % FLUSH_PHASE_MAX_MS;
}
