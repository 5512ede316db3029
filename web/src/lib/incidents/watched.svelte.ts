import { call } from "../api.ts";

/** What is being watched, for a page on which nothing is wrong. What could not be asked stays null and is left out. */
export class Watched {
  rules = $state<number | null>(null);
  channels = $state<number | null>(null);
  checks = $state<number | null>(null);

  async load(): Promise<void> {
    const [rules, channels, checks] = await Promise.allSettled([
      call("GET /api/rules"),
      call("GET /api/channels"),
      call("GET /api/checks", { query: { limit: "1" } }),
    ]);
    if (rules.status === "fulfilled") this.rules = rules.value.rules.filter(({ isEnabled }) => isEnabled).length;
    if (channels.status === "fulfilled") this.channels = channels.value.channels.length;
    if (checks.status === "fulfilled") this.checks = checks.value.total;
  }
}
