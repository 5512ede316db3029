import type { Incident, IncidentCounts } from "../../../../contract/incidents.ts";
import { INCIDENTS_PAGE_MAX } from "../../../../contract/incident-kinds.ts";
import type { DurationMs, EpochMs } from "../../../../contract/units.ts";
import { ApiError, call } from "../api.ts";
import { type Before, type IncidentNews, newsOf } from "./news.ts";
import { Soon } from "./soon.ts";
import { type Tally, tallyOf, wasNotOpen, withIncident } from "./tally.ts";

const RECOUNT_AFTER_MS: DurationMs = 2_000;
const RETRY_AFTER_MS: DurationMs = 30_000;
/** An answer of the server cannot be older than this. */
const OVERTAKEN_MS: DurationMs = 60_000;

/** How many incidents call for somebody, on whichever page one is, and whoever else wants to hear of incidents. */
export class IncidentWatch {
  /** Null until the server has said so. */
  counts = $state.raw<IncidentCounts | null>(null);
  #tally: Tally | null = null;
  /** The last news of each incident, and the server's time then. */
  #heard = new Map<string, { incident: Incident; at: EpochMs }>();
  #listeners = new Set<(incident: Incident) => void>();
  #inHand = new Set<string>();
  readonly #tell: (news: IncidentNews) => void;
  readonly #recount = new Soon(RECOUNT_AFTER_MS, () => void this.load());
  readonly #again = new Soon(RETRY_AFTER_MS, () => void this.load());

  constructor(tell: (news: IncidentNews) => void) {
    this.#tell = tell;
  }

  /** Those that call for somebody: open, and not acknowledged. */
  get calling(): number {
    return this.counts ? this.counts.critical + this.counts.warning : 0;
  }

  /** Hears of every incident that changes; the returned function stops that. */
  onIncident(listener: (incident: Incident) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What the live connection tells. */
  hear(incident: Incident, now: EpochMs): void {
    const before = this.#learn(incident, now);
    const news = before && newsOf(before, incident, now);
    if (news && !this.#inHand.has(incident.id)) this.#tell(news);
  }

  /** Does something with these; what becomes of them by it is no news to whoever did it. */
  async whileActing(
    ids: readonly string[],
    now: EpochMs,
    act: () => Promise<readonly Incident[]>,
  ): Promise<readonly Incident[]> {
    for (const id of ids) this.#inHand.add(id);
    try {
      const changed = await act();
      for (const incident of changed) this.#learn(incident, now);
      return changed;
    } finally {
      for (const id of ids) this.#inHand.delete(id);
    }
  }

  /** Answers with how it stood before; undefined where it is older than what is known. */
  #learn(incident: Incident, now: EpochMs): Before | undefined {
    const before = this.#before(incident);
    if (typeof before === "object" && before.updatedAt > incident.updatedAt) return undefined;
    this.#remember(incident, now);
    if (this.#tally) {
      const next = withIncident(this.#tally, incident);
      if (next) this.#became(next);
      else this.#recount.ask();
    }
    for (const listener of this.#listeners) listener(incident);
    return before;
  }

  /** Counts anew: with every connection, for what was told while there was none is lost. */
  async load(): Promise<void> {
    try {
      const list = await call("GET /api/incidents", { query: { limit: String(INCIDENTS_PAGE_MAX) } });
      this.#became(
        tallyOf(
          list,
          [...this.#heard.values()].map(({ incident }) => incident),
        ),
      );
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#again.ask();
    }
  }

  stop(): void {
    this.#recount.stop();
    this.#again.stop();
  }

  #before(incident: Incident): Before {
    const known = this.#tally?.known.get(incident.id) ?? this.#heard.get(incident.id)?.incident;
    if (known) return known;
    return this.#tally && wasNotOpen(this.#tally, incident) ? "none" : "unknown";
  }

  #remember(incident: Incident, at: EpochMs): void {
    this.#heard.set(incident.id, { incident, at });
    for (const [id, heard] of this.#heard) if (at - heard.at > OVERTAKEN_MS) this.#heard.delete(id);
  }

  #became(tally: Tally): void {
    this.#tally = tally;
    this.counts = tally.counts;
  }
}
