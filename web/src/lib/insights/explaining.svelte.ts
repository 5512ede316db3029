import type { Worded } from "../../../../contract/insights.ts";
import { call } from "../api.ts";
import { Attempt } from "../attempt.svelte.ts";

/** What led to an incident, once somebody asked. */
export class Explaining {
  readonly incidentId: string;
  readonly attempt = new Attempt();
  told = $state.raw<Worded | null>(null);

  constructor(incidentId: string) {
    this.incidentId = incidentId;
  }

  /** Asks; asked again while it is under way, it does nothing. */
  ask(): Promise<boolean> {
    return this.attempt.run(async () => {
      this.told = await call("POST /api/incidents/:id/explanation", { params: { id: this.incidentId } });
    });
  }
}
