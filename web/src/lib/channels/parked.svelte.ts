import type { Endpoints } from "../../../../contract/api.ts";
import type { ShownNotification } from "../../../../contract/notifications.ts";
import { ApiError, call } from "../api.ts";
import { type Problem, problemOf } from "../problem.ts";

export type ParkedAction = Endpoints["POST /api/notification-actions"]["body"]["action"];

/** As many as one answer holds, and one action may name. */
export const PARKED_SHOWN_MAX = 200;

/** What could not be told to anybody, until it is tried again or given up. */
export class Parked {
  list = $state.raw<ShownNotification[] | null>(null);
  problem = $state.raw<Problem | null>(null);

  async load(): Promise<void> {
    try {
      const query = { state: "parked", limit: String(PARKED_SHOWN_MAX) };
      this.list = (await call("GET /api/notifications", { query })).notifications;
      this.problem = null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = problemOf(error);
    }
  }

  async act(ids: string[], action: ParkedAction): Promise<void> {
    await call("POST /api/notification-actions", { body: { ids, action } });
    await this.load();
  }
}
