import { CHECK_DEFAULTS, targetSchema } from "../contract/checks.ts";
import type { Region } from "../contract/regions.ts";
import { checkRow } from "../worker/checks/new-check.ts";
import { query } from "./seed.ts";

/** From where the benches look: as many places as are chosen where nobody says otherwise. */
export const REGIONS: Region[] = ["weur", "enam", "apac"];

/** Settings as an owner has them who runs Nephos at home; no checks beside those that a bench makes. */
export async function seedSettings(d1Url: string): Promise<void> {
  const settings = { regions: REGIONS, allowsPrivateTargets: true, ownHostnames: [], makesDefaultChecks: false };
  const sql = "INSERT INTO sentinel_setting (id, settings) VALUES (1, ?)";
  await query(d1Url, [{ sql, params: [JSON.stringify(settings)] }]);
}

/** HTTP checks of this server, each of a path of its own, every two minutes; answers their ids. */
export async function seedChecks(d1Url: string, count: number, url: string, now: number): Promise<string[]> {
  const rows = Array.from({ length: count }, (_, index) => {
    const target = targetSchema.parse({ kind: "http", url: `${url}/${index}` });
    const given = { name: `check ${index}`, instanceId: null, tags: [], regions: null, isPaused: false };
    return checkRow({ ...given, ...CHECK_DEFAULTS, target }, now);
  });
  const sql =
    "INSERT INTO health_check (id, name, tags, interval_ms, timeout_ms, slow_ms, bad_ms, is_paused, is_default, target, " +
    "header_names, created_at) VALUES (?, ?, '[]', ?, ?, ?, ?, 0, 0, ?, '[]', ?)";
  await query(
    d1Url,
    rows.map((row) => ({
      sql,
      params: [
        row.id,
        row.name,
        row.intervalMs,
        row.timeoutMs,
        row.slowMs,
        row.badMs,
        JSON.stringify(row.target),
        row.createdAt,
      ],
    })),
  );
  return rows.map(({ id }) => id);
}
