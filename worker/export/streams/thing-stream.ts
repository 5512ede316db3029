import type { EpochMs } from "../../../contract/units.ts";
import { lineOf, type Batch, type LandingRow, type Piece } from "../batch.ts";
import type { LandingTable } from "../landing.ts";
import { fingerprint } from "./fingerprint.ts";
import type { Outgoing, OutgoingStream, StreamParts } from "./stream.ts";

/** What is remembered of a thing that was sent: the fingerprint of its row, and what its kind wants to know of it later. */
export type SentThing<Note> = readonly [print: string, note: Note];

/** As JSON in the cursor. */
export interface ThingPlace<Note> {
  sent: Record<string, SentThing<Note>>;
  /** When everything there was had been sent. */
  allSentAt: EpochMs | null;
}

export interface ThingKind<Row extends { id: string }, Note> {
  table: LandingTable;
  /** The next ones after this one, in an order of their own; none at the end. */
  readAfter(last: Row | null, place: ThingPlace<Note>): Promise<Row[]>;
  /** Its row, without what changes with each export: by this it is told whether it has changed. */
  rowOf(thing: Row): LandingRow;
  noteOf(thing: Row): Note;
  /** What is said of one that is here no more; null: nothing, it is only forgotten. */
  goneRow(id: string, note: Note): LandingRow | null;
  /** Fields that change with each export. */
  stampedWith: LandingRow;
  /** Forgets what need not be remembered any more; absent: what is gone here is all. */
  tidy?(place: ThingPlace<Note>): void;
  /** What was gone before it could be sent, when all had been sent then; in words. */
  missed(allSentAt: EpochMs): string | null;
}

interface Due<Note> {
  id: string;
  piece: Piece;
  /** Null: it is gone. */
  sent: SentThing<Note> | null;
}

/**
 * Things that change in place: each is sent when its row is not what was sent last. All are looked at in each round, some at a time: a
 * moment of change may be missing, or wrong because the clock was; what a row holds is not.
 */
export function openThings<Row extends { id: string }, Note>(
  { now, place: before, doneTo }: StreamParts,
  kind: ThingKind<Row, Note>,
): OutgoingStream {
  const place: ThingPlace<Note> = before ? structuredClone(before as ThingPlace<Note>) : { sent: {}, allSentAt: null };
  const missed = place.allSentAt === null ? null : kind.missed(place.allSentAt);
  const met = new Set<string>();
  let due: Due<Note>[] = [];
  let last: Row | null = null;
  let isAtEnd = false;
  let isAllSent = false;

  const pieceOf = (row: LandingRow): Piece => [lineOf({ ...row, ...kind.stampedWith })];

  /** The next that are due; none where there are none any more. */
  const gather = async (): Promise<void> => {
    while (!isAtEnd && due.length === 0) {
      const rows = await kind.readAfter(last, place);
      for (const thing of rows) {
        const { id } = thing;
        // It changed while all were read: the next round sees it, under a later moment than the one it is sent with now.
        if (met.has(id)) continue;
        met.add(id);
        const row = kind.rowOf(thing);
        const print = fingerprint(lineOf(row));
        if (place.sent[id]?.[0] === print) continue;
        due.push({ id, piece: pieceOf(row), sent: [print, kind.noteOf(thing)] });
      }
      last = rows.at(-1) ?? last;
      if (rows.length === 0) {
        isAtEnd = true;
        due.push(...gone());
      }
    }
  };

  const gone = (): Due<Note>[] => {
    return Object.entries(place.sent).flatMap(([id, [, note]]) => {
      if (met.has(id)) return [];
      const row = kind.goneRow(id, note);
      if (row) return [{ id, piece: pieceOf(row), sent: null }];
      delete place.sent[id];
      return [];
    });
  };

  return {
    table: kind.table,
    missed,
    place,
    get doneTo() {
      return isAllSent ? now : doneTo;
    },
    async next(batch: Batch): Promise<Outgoing | null> {
      await gather();
      if (due.length === 0) {
        isAllSent = true;
        place.allSentAt = now;
        return null;
      }
      const some: Omit<Due<Note>, "piece">[] = [];
      while (due.length > 0) {
        let count = 0;
        for (; count < due.length && batch.hasRoomFor(due[count]!.piece); count++) {
          const { id, piece, sent } = due[count]!;
          await batch.add(piece);
          some.push({ id, sent });
        }
        due = due.slice(count);
        if (due.length > 0) break;
        await gather();
      }
      const held = () => {
        for (const { id, sent } of some) {
          if (sent) place.sent[id] = sent;
          else delete place.sent[id];
        }
        kind.tidy?.(place);
      };
      return { held };
    },
  };
}
