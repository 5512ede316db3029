import type { Snowflake, SnowflakeSettings, SnowflakeTest } from "../../../../contract/snowflake.ts";
import type { DurationMs } from "../../../../contract/units.ts";
import { addressOf, ApiError, call } from "../api.ts";
import { type Problem, problemOf } from "../problem.ts";
import { bodyOf, type ConnectionDraft, setupQuery } from "./draft.ts";

export const REFRESH_EVERY_MS: DurationMs = 30_000;

/** The connection to Snowflake: how it stands, and everything that can be done with it. */
export class SnowflakeConnection {
  /** The last answer; it stays while the server does not answer. */
  told = $state.raw<Snowflake | null>(null);
  problem = $state.raw<Problem | null>(null);

  async load(): Promise<void> {
    try {
      this.told = await call("GET /api/snowflake");
      this.problem = null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = problemOf(error);
    }
  }

  /** The SQL that prepares the account, with these names and this public key. */
  async setupSql(draft: ConnectionDraft, signal: AbortSignal): Promise<string> {
    const { url } = addressOf("GET /api/snowflake/setup.sql", {}, setupQuery(draft));
    const response = await fetch(url, { signal });
    if (response.ok) return response.text();
    throw new ApiError(response.status, (await response.json().catch(() => ({}))) as object);
  }

  test(draft: ConnectionDraft): Promise<SnowflakeTest> {
    return call("POST /api/snowflake/test", { body: bodyOf(draft) });
  }

  async connect(draft: ConnectionDraft): Promise<void> {
    this.told = await call("PUT /api/snowflake", { body: bodyOf(draft) });
  }

  async change(change: Partial<SnowflakeSettings>): Promise<void> {
    this.told = await call("PATCH /api/snowflake", { body: change });
  }

  async exportNow(): Promise<void> {
    this.told = await call("POST /api/snowflake/export");
  }

  async disconnect(): Promise<void> {
    await call("DELETE /api/snowflake");
    await this.load();
  }
}
