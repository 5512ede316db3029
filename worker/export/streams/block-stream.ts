import type { EpochMs } from "../../../contract/units.ts";
import { readBlocks, type BlockName, type StoredBlock } from "../../series/block-store.ts";
import { unpackPoints, type PointColumns } from "../../series/block/points.ts";
import { readReach } from "../../series/ring-store.ts";
import { logUnreadable } from "../../series/store.ts";
import { bucketOf, TIER_SPECS } from "../../series/tiers.ts";
import type { Batch, Piece } from "../batch.ts";
import type { LandingTable } from "../landing.ts";
import { unsentBlocks, type UnsentBlock } from "./block-scan.ts";
import { BlockWindow, type BlockPlace } from "./block-window.ts";
import { minuteText, type Outgoing, type OutgoingStream, type StreamParts } from "./stream.ts";

const SPEC = TIER_SPECS.fiveMinutes;
const DAY_MS = 86_400_000;
/** Names of blocks that are read at one go: as many as a batch may have. */
const NAMES_MAX = 2_000;
/** Blocks that are read at one go, by the values in them: some megabytes. */
const VALUES_MAX = 150_000;

/** What a stream makes of blocks. */
export interface BlockKind {
  table: LandingTable;
  /** What else has to be known to write these blocks as lines. */
  prepare(blocks: readonly StoredBlock[]): Promise<(block: StoredBlock, points: PointColumns) => string[]>;
}

/** A block that was read, still packed, and how it is written. */
interface ReadBlock {
  block: StoredBlock;
  linesOf(block: StoredBlock, points: PointColumns): string[];
}

/**
 * Blocks of five minutes, the oldest first, each once, and once more whenever it was rolled again. `subjects`: whose blocks.
 */
export async function openBlocks(
  { db, now, place, doneTo }: StreamParts,
  subjects: readonly string[],
  kind: BlockKind,
): Promise<OutgoingStream> {
  const reach = await readReach(db);
  const oldestKept = Math.max(reach.since.fiveMinutes, now - reach.fiveMinutesDays * DAY_MS);
  const window = new BlockWindow(place as BlockPlace | null, oldestKept, now);
  window.keepOnly(subjects);
  // At the very beginning nothing is missed: it was gone before anybody wanted it.
  const sentTo = Math.max(window.place.allSentAt ?? 0, window.place.base * SPEC.blockMs);
  const missed = bucketOf(SPEC, sentTo) < bucketOf(SPEC, oldestKept) ? missedInWords(sentTo, oldestKept) : null;
  /** Not in any batch yet. */
  let names: UnsentBlock[] = [];
  /** Of the first of them; undefined where one is gone meanwhile. */
  let read: (ReadBlock | undefined)[] = [];
  let made: Piece | null = null;
  let isAllSent = false;

  /** The next blocks that are not sent; none where there are none any more. */
  const look = async (): Promise<void> => {
    while (names.length === 0) {
      const { first, count } = window.buckets;
      names = await unsentBlocks(db, window.sentOf(subjects), first, count, NAMES_MAX);
      if (names.length > 0 || !window.next()) return;
    }
  };

  const readSome = async (): Promise<void> => {
    let values = 0;
    let count = 0;
    while (count < names.length && (count === 0 || values + names[count]!.rows <= VALUES_MAX)) {
      values += names[count++]!.rows;
    }
    const some = names.slice(0, count);
    const blocks = newestOf(await readBlocks(db, SPEC, some));
    const linesOf = await kind.prepare([...blocks.values()]);
    read = some.map((name) => {
      const block = blocks.get(nameOf(name));
      return block && { block, linesOf };
    });
  };

  /** The rows of the first of the names; none where it is gone or cannot be read. */
  const firstPiece = async (): Promise<Piece> => {
    if (made) return made;
    if (read.length === 0) await readSome();
    return (made = read[0] ? pieceOf(read[0]) : []);
  };

  return {
    table: kind.table,
    missed,
    get place() {
      return window.place;
    },
    get doneTo() {
      const { newest } = window.place;
      if (!isAllSent) return names[0] ? Math.max(doneTo ?? 0, names[0].bucket * SPEC.blockMs) : doneTo;
      return newest === null ? null : (newest + 1) * SPEC.blockMs;
    },
    async next(batch: Batch): Promise<Outgoing | null> {
      await look();
      if (names.length === 0) {
        isAllSent = true;
        window.place.allSentAt = SPEC.blockMs * Math.floor(now / SPEC.blockMs);
        return null;
      }
      const some: UnsentBlock[] = [];
      while (names.length > 0) {
        const piece = await firstPiece();
        if (!batch.hasRoomFor(piece)) break;
        await batch.add(piece);
        some.push(names.shift()!);
        read.shift();
        made = null;
      }
      return { held: () => window.held(some) };
    },
  };
}

function pieceOf({ block, linesOf }: ReadBlock): Piece {
  try {
    const points = unpackPoints(block, (series) => logUnreadable(block, `series ${series}`));
    return linesOf(block, points);
  } catch (error) {
    // It would keep all that come after it waiting.
    logUnreadable(block, (error as Error).message);
    return [];
  }
}

/** After another retention a block may be there twice: the newest generation comes first. */
function newestOf(blocks: readonly StoredBlock[]): Map<string, StoredBlock> {
  const found = new Map<string, StoredBlock>();
  for (const block of blocks) {
    const name = nameOf(block);
    if (!found.has(name)) found.set(name, block);
  }
  return found;
}

function nameOf({ bucket, instanceId }: BlockName): string {
  return `${bucket} ${instanceId}`;
}

function missedInWords(from: EpochMs, to: EpochMs): string {
  return `From ${minuteText(from)} to ${minuteText(to)} UTC some may be missing: it was no longer kept here when it could be sent.`;
}
