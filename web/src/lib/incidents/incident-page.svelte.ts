import type { Incident, IncidentDetail } from "../../../../contract/incidents.ts";
import type { DurationMs } from "../../../../contract/units.ts";
import { ApiError, call } from "../api.ts";
import type { IncidentAction } from "./incident-list.svelte.ts";
import { Soon } from "./soon.ts";

/** The incident itself is told as it changes; what was sent of it is asked for. */
export const DETAIL_EVERY_MS: DurationMs = 30_000;
/** What is told live is written a moment later. */
const ASK_AFTER_MS: DurationMs = 1_000;

/** One incident, looked at. */
export class IncidentPage {
  readonly id: string;
  /** The last answer; it stays while the server does not answer. */
  detail = $state.raw<IncidentDetail | null>(null);
  problem = $state.raw<ApiError | null>(null);
  #newest = $state.raw<Incident | null>(null);
  readonly #soon = new Soon(ASK_AFTER_MS, () => void this.load());

  constructor(id: string) {
    this.id = id;
  }

  /** As it was told last: an answer may be older than news that overtook it. */
  incident: Incident | null = $derived.by(() => {
    const asked = this.detail?.incident ?? null;
    const told = this.#newest;
    return told && (!asked || told.updatedAt > asked.updatedAt) ? told : asked;
  });

  async load(): Promise<void> {
    try {
      this.detail = await call("GET /api/incidents/:id", { params: { id: this.id } });
      this.problem = null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = error;
    }
  }

  hear(incident: Incident): void {
    if (incident.id !== this.id) return;
    this.#newest = incident;
    this.#soon.ask();
  }

  /** Answers with what it changed: nothing where somebody was faster. */
  async act(action: IncidentAction, note: string): Promise<Incident[]> {
    const { incidents } = await call("POST /api/incident-actions", {
      body: { ids: [this.id], action, ...(note ? { note } : {}) },
    });
    for (const incident of incidents) this.hear(incident);
    await this.load();
    return incidents;
  }

  /** Tries these notifications again, or gives them up. */
  async send(ids: string[], action: "retry" | "discard"): Promise<void> {
    await call("POST /api/notification-actions", { body: { ids, action } });
    await this.load();
  }

  stop(): void {
    this.#soon.stop();
  }
}
