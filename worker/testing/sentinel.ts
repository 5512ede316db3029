import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import type { Check, NewCheck } from "../../contract/checks.ts";
import type { DiscoveryReport } from "../../contract/providers.ts";
import { sentinel } from "../sentinel-client.ts";
import type { StartedCloud } from "./outside.ts";
import type { Browser } from "./people.ts";
import { plant } from "./planted.ts";

export async function tick(now = Date.now()): Promise<void> {
  await sentinel(env).tick(now);
}

/** Runs what the sentinel has set itself an alarm for, and says whether there was one. */
export async function alarmRings(): Promise<boolean> {
  return runInDurableObject(sentinel(env) as unknown as DurableObjectStub, async (object, state) => {
    if ((await state.storage.getAlarm()) === null) return false;
    await state.storage.deleteAlarm();
    await (object as unknown as { alarm(): Promise<void> }).alarm();
    return true;
  });
}

/** Settings as an owner who runs Nephos at home has them. */
export async function runAtHome(more: Record<string, unknown> = {}): Promise<void> {
  const usual = { regions: ["weur"], allowsPrivateTargets: true, ownHostnames: [], makesDefaultChecks: false };
  await env.DB.prepare(
    "INSERT INTO sentinel_setting (id, settings) VALUES (1, ?1) ON CONFLICT DO UPDATE SET settings = excluded.settings",
  )
    .bind(JSON.stringify({ ...usual, ...more }))
    .run();
}

type Kind = StartedCloud<"vultr">["kind"];

/** Gives this cloud's key to Nephos, as somebody would. */
export async function connect(
  browser: Browser,
  { url, credentials, secrets }: Pick<StartedCloud<Kind>, "url" | "credentials" | "secrets">,
  name = "Our account",
): Promise<DiscoveryReport> {
  for (const secret of secrets) plant(secret);
  for (const [field, value] of Object.entries(credentials))
    if (field !== "kind" && typeof value === "string") plant(value);
  return browser.json("/api/provider-accounts", { method: "POST", body: { name, credentials, endpoint: url } }, 201);
}

export function makeCheck(browser: Browser, check: Partial<Omit<NewCheck, "target">> & { target: unknown }) {
  return browser.json<Check & { beatUrl: string | null }>(
    "/api/checks",
    { method: "POST", body: { name: "site", ...check } },
    201,
  );
}
