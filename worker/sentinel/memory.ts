import type { RegionResult } from "../../contract/checks.ts";
import type { TickStep } from "../../contract/health.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { UptimeState } from "../checks/uptime.ts";
import type { DiscoveredInstance } from "../providers/provider.ts";

/** What the sentinel remembers of a check from round to round. */
export interface CheckMemory {
  lastRoundAt: EpochMs;
  intervalMs: DurationMs;
  results: RegionResult[];
  /** Whether the last round got as far as the host. */
  reachesHost: boolean | null;
  uptime: UptimeState;
}

export interface InstanceMemory {
  uptime?: UptimeState;
  bandwidthAskedAt?: EpochMs;
  foretoldAt?: EpochMs;
  /** When it was last looked into, and when that was last tried. */
  lookedIntoAt?: EpochMs;
  lookTriedAt?: EpochMs;
  /** The newest sample that the shard has told of: one that has just begun again does not know it yet. */
  heardAt?: EpochMs;
}

/** An account's list, as far as it has been read. */
export interface Listing {
  found: DiscoveredInstance[];
  next: string;
  unlisted: { region: string; message: string }[];
}

/** The rest, small. */
interface Notes {
  /** Provider's ids that were missing from an account's last list. */
  missing: Record<string, string[]>;
  /** New instances whose doors are to be tried, since they were found. */
  doors: { id: string; since: EpochMs }[];
  /** Some of them have not had their first try. */
  hasNewDoors: boolean;
  steps: TickStep[];
  /** When the last tick began. */
  tickAt: EpochMs;
  /** The last day (from 1970) whose daily work is done. */
  dayDone: number;
  /** When Snowflake was last made to learn from the long history, whatever came of it. */
  learningBegunAt?: EpochMs;
  /** Where this Nephos is used, and when it was last. */
  hostnames: Record<string, EpochMs>;
}

/** A value of the storage may have 2 MB; in JSON a character may take more than one byte. */
const PIECE_CHARACTERS = 900_000;

/**
 * What lasts from tick to tick and is not worth a row of the database each time: in the object's own storage, a few rows however large
 * the fleet. Losing it loses today's uptime and the last round's figures, nothing else.
 */
export class Memory {
  readonly #storage: DurableObjectStorage;
  #loading: Promise<void> | undefined;
  #pieces: Record<string, number> = {};
  checks = new Map<string, CheckMemory>();
  instances = new Map<string, InstanceMemory>();
  listings = new Map<string, Listing>();
  notes: Notes = { missing: {}, doors: [], hasNewDoors: false, steps: [], tickAt: 0, dayDone: -1, hostnames: {} };

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  /** Reads it, once in the life of the object. */
  loaded(): Promise<void> {
    this.#loading ??= this.#load().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  async save(): Promise<void> {
    const entries: Record<string, string> = {};
    const parts = {
      checks: [...this.checks],
      instances: [...this.instances],
      listings: [...this.listings],
      notes: this.notes,
    };
    for (const [part, value] of Object.entries(parts)) {
      const text = JSON.stringify(value);
      const count = Math.ceil(text.length / PIECE_CHARACTERS);
      for (let piece = 0; piece < count; piece++)
        entries[`${part} ${piece}`] = text.slice(piece * PIECE_CHARACTERS, (piece + 1) * PIECE_CHARACTERS);
      const stale = Array.from(
        { length: Math.max(0, (this.#pieces[part] ?? 0) - count) },
        (_, i) => `${part} ${count + i}`,
      );
      if (stale.length > 0) await this.#storage.delete(stale);
      this.#pieces[part] = count;
    }
    await this.#storage.put(entries);
  }

  async #load(): Promise<void> {
    const texts = await this.#storage.list<string>();
    const read = <Value>(part: string, empty: Value): Value => {
      const keys = [...texts.keys()]
        .filter((key) => key.startsWith(`${part} `))
        .sort((a, b) => Number(a.slice(part.length)) - Number(b.slice(part.length)));
      this.#pieces[part] = keys.length;
      return keys.length === 0 ? empty : (JSON.parse(keys.map((key) => texts.get(key)).join("")) as Value);
    };
    this.checks = new Map(read<[string, CheckMemory][]>("checks", []));
    this.instances = new Map(read<[string, InstanceMemory][]>("instances", []));
    this.listings = new Map(read<[string, Listing][]>("listings", []));
    this.notes = { ...this.notes, ...read<Partial<Notes>>("notes", {}) };
  }
}
