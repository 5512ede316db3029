import type { Evaluation, Standings } from "../alerts/evaluation.ts";

const PREFIX = "standing ";
/** Keys of one call to the storage. */
const KEYS_AT_ONCE = 128;

/** Where rules stand that are neither `ok` nor in the database: pending, recovering. In the shard's own storage, for when it forgets. */
export class StoredStandings {
  readonly #storage: DurableObjectStorage;
  readonly #stored = new Set<string>();

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  async read(): Promise<Map<string, Standings>> {
    const found = await this.#storage.list<Standings>({ prefix: PREFIX });
    const bySubject = new Map([...found].map(([key, standings]) => [key.slice(PREFIX.length), standings]));
    for (const subject of bySubject.keys()) this.#stored.add(subject);
    return bySubject;
  }

  /** What has moved since the last time. */
  async write(evaluation: Evaluation): Promise<void> {
    const moved = [...evaluation.moved];
    evaluation.moved.clear();
    try {
      await this.#write(moved, evaluation);
    } catch (error) {
      for (const subject of moved) evaluation.moved.add(subject);
      throw error;
    }
  }

  async #write(moved: readonly string[], evaluation: Evaluation): Promise<void> {
    const puts: [string, Standings][] = [];
    const deletes: string[] = [];
    for (const subject of moved) {
      const standings = evaluation.standingsOf(subject);
      const isEmpty = Object.keys(standings).length === 0;
      if (!isEmpty) puts.push([PREFIX + subject, standings]);
      else if (this.#stored.has(subject)) deletes.push(PREFIX + subject);
      if (isEmpty) this.#stored.delete(subject);
      else this.#stored.add(subject);
    }
    for (let first = 0; first < puts.length; first += KEYS_AT_ONCE)
      await this.#storage.put(Object.fromEntries(puts.slice(first, first + KEYS_AT_ONCE)));
    for (let first = 0; first < deletes.length; first += KEYS_AT_ONCE)
      await this.#storage.delete(deletes.slice(first, first + KEYS_AT_ONCE));
  }
}
