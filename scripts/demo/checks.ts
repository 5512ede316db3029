import type { EpochMs } from "../../contract/units.ts";
import { CHECK_DEFAULTS, targetSchema, type TargetInput } from "../../contract/checks.ts";
import { hashOf } from "../../worker/auth/secret.ts";
import { checkRow } from "../../worker/checks/new-check.ts";
import { readSettings, saveSettings, SETTINGS_DEFAULT } from "../../worker/checks/store.ts";
import { healthCheck, sentinelSetting, type HealthCheckRow } from "../../worker/checks/table.ts";
import type { Database } from "../../worker/db/client.ts";
import type { DemoInstance } from "./fleet.ts";
import { BEAT_PERIOD_MS, checkIdOf, DEMO_REGIONS, LOOKS, type Look } from "./looks.ts";
import { CONNECTED_BEFORE_MS } from "./machines.ts";
import type { Shop } from "./shop.ts";

const HOUR_MS = 3_600_000;

/** The check that calls in time, and what the address it calls ends in. */
export const BEATING = LOOKS.find(({ kind }) => kind === "beat")!;
export const beatAddress = (secret: string) => `/beat/${checkIdOf(BEATING).split(":")[1]}-${secret}`;

/** The rows of the demo's checks. */
export function checkRows(
  fleet: readonly DemoInstance[],
  shop: Pick<Shop, "url" | "openPort" | "closedPort">,
  beatSecret: string,
  bornAt: EpochMs,
): HealthCheckRow[] {
  return LOOKS.map((look) => {
    const { name, kind, instance, tags, isPaused = false, trouble } = look;
    const target = targetSchema.parse(targetOf(look, shop));
    const instanceId = instance === undefined ? null : fleet[instance]!.facts.id;
    const given = { name, instanceId, tags, ...CHECK_DEFAULTS, regions: null, isPaused, target };
    return {
      ...checkRow(given, bornAt - CONNECTED_BEFORE_MS),
      id: checkIdOf(look),
      beatHash: kind === "beat" ? hashOf(beatSecret) : null,
      lastBeatAt: kind === "late beat" ? bornAt - trouble!.beforeMs - look.periodMs! - HOUR_MS : null,
    };
  });
}

function targetOf(
  { kind, path, periodMs }: Look,
  { url, openPort, closedPort }: Parameters<typeof checkRows>[1],
): TargetInput {
  switch (kind) {
    case "http":
      return { kind: "http", url: url + path! };
    case "open port":
    case "closed port":
      return { kind: "tcp", host: new URL(url).hostname, port: kind === "open port" ? openPort : closedPort };
    case "beat":
      return { kind: "heartbeat", periodMs: BEAT_PERIOD_MS };
    case "late beat":
      return { kind: "heartbeat", periodMs: periodMs!, graceMs: HOUR_MS };
  }
}

/** Writes the checks; of those that are there only where they look: ports are others with every start. */
export async function keepChecks(db: Database, rows: readonly HealthCheckRow[]): Promise<void> {
  const [first, ...more] = rows.map((row) =>
    db
      .insert(healthCheck)
      .values(row)
      .onConflictDoUpdate({ target: healthCheck.id, set: { target: row.target } }),
  );
  await db.batch([first!, ...more]);
}

/** What the sentinel goes by, where nobody has set anything: all that is looked at is on this machine. */
export async function keepSettings(db: Database): Promise<void> {
  if ((await db.$count(sentinelSetting)) > 0) return;
  const settings = {
    ...SETTINGS_DEFAULT,
    regions: [...DEMO_REGIONS],
    allowsPrivateTargets: true,
    makesDefaultChecks: false,
  };
  await saveSettings(db, { ...(await readSettings(db)), ...settings });
}
