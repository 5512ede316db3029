import type { ShownSentinelSettings } from "../../contract/checks.ts";
import { recordDone } from "../audit/record.ts";
import { api } from "../auth/api.ts";
import { actorOf } from "../auth/gate.ts";
import { heartbeatPurpose } from "../checks/sealed-columns.ts";
import { readSettings, saveSettings, type StoredSettings } from "../checks/store.ts";
import { database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { isPublic } from "../public-host.ts";
import { vaultOf } from "../vault/vault.ts";

/** What the sentinel goes by. */
export const settingsRoutes = api({
  "GET /api/sentinel/settings": async (c) => shown(await readSettings(database(c.env.DB)), c.env),

  "PUT /api/sentinel/settings": async (c, { body: { heartbeatUrl, ...settings } }) => {
    const db = database(c.env.DB);
    const before = await readSettings(db);
    const heartbeat = await heartbeatOf(c.env, heartbeatUrl, before, settings.allowsPrivateTargets);
    const after: StoredSettings = { ...settings, regions: [...new Set(settings.regions)], ...heartbeat };
    await saveSettings(db, after);
    const done = { action: "sentinel.changed", before: words(before), after: words(after) } as const;
    await recordDone(db, actorOf(c, c.var.principal), done, Date.now());
    return shown(after, c.env);
  },
});

/** Absent: as it was; null: none. */
async function heartbeatOf(
  env: Env,
  url: string | null | undefined,
  before: StoredSettings,
  allowsPrivate: boolean,
): Promise<Pick<StoredSettings, "heartbeatUrl" | "heartbeatHost">> {
  if (url === undefined) return { heartbeatUrl: before.heartbeatUrl, heartbeatHost: before.heartbeatHost };
  if (url === null) return { heartbeatUrl: null, heartbeatHost: null };
  const { protocol, host } = new URL(url);
  if (!/^https?:$/.test(protocol) || !(allowsPrivate || isPublic(new URL(url)))) {
    throw new NephosError("target_refused", "The heartbeat address must be an http or https address on the internet.", {
      field: "heartbeatUrl",
      remedy: "Use an outside watcher: it has to notice when this Nephos is gone.",
    });
  }
  return { heartbeatUrl: await vaultOf(env).seal(url, heartbeatPurpose()), heartbeatHost: host };
}

function shown({ heartbeatUrl: _sealed, ...settings }: StoredSettings, env: Env): ShownSentinelSettings {
  return { ...settings, isLocal: (env.NEPHOS_PLACE as string) === "local" };
}

function words({ regions, allowsPrivateTargets, ownHostnames, makesDefaultChecks, heartbeatHost }: StoredSettings) {
  return [
    `from ${regions.join(", ")}`,
    `private targets ${allowsPrivateTargets ? "allowed" : "refused"}`,
    `own hostnames ${ownHostnames.join(", ") || "none"}`,
    `default checks ${makesDefaultChecks ? "made" : "not made"}`,
    `heartbeat ${heartbeatHost ?? "none"}`,
  ].join("; ");
}
