import { join } from "node:path";
import type { D1Database } from "@cloudflare/workers-types";
import type { EpochMs } from "../../contract/units.ts";
import { newSecret, newToken } from "../../worker/auth/secret.ts";
import { database } from "../../worker/db/client.ts";
import { keyringOf } from "../../worker/vault/keyring.ts";
import { Vault } from "../../worker/vault/vault.ts";
import type { Edge } from "../local/edge.ts";
import type { EncryptionKeys } from "../local/encryption-keys.ts";
import { keptSecret } from "../local/secret-file.ts";
import { knowAgentToken } from "../local/sign-in.ts";
import { beatAddress, checkRows, keepChecks, keepSettings } from "./checks.ts";
import { fillCloudPast } from "./cloud-past.ts";
import { keepAccounts, rentAsOf, startClouds, stopClouds, type DemoClouds } from "./clouds.ts";
import { demoFleet, isHeard, readingsAt, type DemoInstance } from "./fleet.ts";
import { startInbox, type Inbox } from "./inbox.ts";
import { fillIncidents } from "./incident-past.ts";
import { AGENT_VERSION, LIVE_INTERVAL_MS, startLive, type LiveAgent } from "./live.ts";
import { checkIdOf, LOOKS, roundAt, spellsOf } from "./looks.ts";
import { CONNECTED_BEFORE_MS } from "./machines.ts";
import { keepOnCall } from "./on-call.ts";
import { fillPast, type Recorded } from "./past.ts";
import { startShop, type Shop } from "./shop.ts";
import { fillVerdicts } from "./verdict-past.ts";

const PAST_INTERVAL_MS = 30_000;
const ROUND_EVERY_MS = 120_000;

/** What there is of the demo before its Worker: the clouds that it lists, the shop that it looks at, and where its channels lead. */
export interface DemoWorld {
  /** When the demo first began: its troubles count from then. */
  bornAt: EpochMs;
  clouds: DemoClouds;
  shop: Shop;
  inbox: Inbox;
  stop(): Promise<void>;
}

export async function startWorld(stateDir: string): Promise<DemoWorld> {
  const bornAt = Number(await keptSecret(join(stateDir, "born-at"), () => String(Date.now())));
  const secret = await inboxSecret(stateDir);
  const [clouds, shop, inbox] = await Promise.all([startClouds(), startShop(bornAt), startInbox(secret)]);
  const stop = async () => void (await Promise.all([stopClouds(clouds), shop.stop(), inbox.stop()]));
  return { bornAt, clouds, shop, inbox, stop };
}

/** What messages to the inbox are signed with. */
const inboxSecret = (stateDir: string) => keptSecret(join(stateDir, "inbox-secret"), newSecret);

/** Where the demo runs. */
export interface DemoPlace {
  edge: Edge;
  origin: string;
  stateDir: string;
  encryptionKeys: EncryptionKeys;
}

/** Gives the fleet, its clouds and its checks their past, and keeps them alive. Gives back what ends it. */
export async function startDemo(
  { edge, origin, stateDir, encryptionKeys }: DemoPlace,
  { bornAt, clouds, shop, inbox }: DemoWorld,
): Promise<() => void> {
  const startedAt = Date.now();
  // The same database to both programs; only their type definitions differ.
  const db = database(edge.db as never);
  const fleet = demoFleet(bornAt);
  const agents = await keepAgents(edge.db, fleet, stateDir, bornAt);
  await keepSettings(db);
  const beatSecret = await keptSecret(join(stateDir, "beat-secret"), newSecret);
  const checks = checkRows(fleet, shop, beatSecret, bornAt);
  await keepChecks(db, checks);
  const vault = new Vault(keyringOf(encryptionKeys));
  const accounts = await keepAccounts(db, clouds, vault, bornAt);
  await fillCloudPast(db, clouds, accounts, fleet, bornAt);
  rentAsOf(clouds, fleet, startedAt, bornAt);
  await fillVerdicts(db, fleet, bornAt);
  const way = { inboxUrl: inbox.url, secret: await inboxSecret(stateDir), vault };
  await keepOnCall(db, way, { bornAt, now: startedAt });
  await fillIncidents(db, { fleet, checks, bornAt });
  const rows = await fillPast(db, recordedOf(fleet, bornAt), startedAt);
  console.log(`Simulated ${rows} samples of the past in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  return startLive(agents, beatAddress(beatSecret), origin, bornAt);
}

/** The agents' tokens and rows. */
async function keepAgents(
  db: D1Database,
  fleet: readonly DemoInstance[],
  stateDir: string,
  bornAt: EpochMs,
): Promise<LiveAgent[]> {
  const agents: LiveAgent[] = [];
  for (const instance of fleet) {
    const token = await keptSecret(join(stateDir, "tokens", instance.facts.id), () => newToken("agent"));
    await knowAgentToken(db, token, instance.facts.name, instance.facts.id);
    await insertInstance(db, instance, bornAt - CONNECTED_BEFORE_MS);
    agents.push({ instance, token });
  }
  return agents;
}

function recordedOf(fleet: readonly DemoInstance[], bornAt: EpochMs): Recorded[] {
  const instances = fleet.map((instance, index): Recorded => {
    const readings = (at: EpochMs) =>
      isHeard(instance, at, bornAt) ? readingsAt(instance, index, at, bornAt) : undefined;
    return { id: instance.facts.id, everyMs: PAST_INTERVAL_MS, readingsAt: readings };
  });
  const checks = LOOKS.map((look, number): Recorded => {
    const spells = spellsOf(look, number, bornAt);
    const readings = (at: EpochMs) => roundAt(look, number, spells, at);
    return { id: checkIdOf(look), everyMs: ROUND_EVERY_MS, readingsAt: readings, isOnce: true };
  });
  return [...instances, ...checks];
}

export async function insertInstance(
  db: D1Database,
  { facts, tags }: DemoInstance,
  firstSeenAt: EpochMs,
): Promise<void> {
  const row = {
    id: facts.id,
    name: facts.name,
    region: facts.region,
    type: facts.type,
    hostname: facts.hostname,
    os: facts.os,
    kernel: facts.kernel,
    arch: facts.arch,
    cpu_model: facts.cpuModel,
    cpu_count: facts.cpuCount,
    memory_total_bytes: facts.memoryTotalBytes,
    boot_id: facts.bootId,
    boot_at: facts.bootAt,
    cloud_kind: facts.cloudKind,
    cloud_id: facts.cloudId,
    agent_version: AGENT_VERSION,
    interval_ms: LIVE_INTERVAL_MS,
    clock_offset_ms: 0,
    first_seen_at: firstSeenAt,
    tags: JSON.stringify(tags),
  };
  const places = Object.keys(row).map(() => "?");
  await db
    .prepare(
      `INSERT INTO instance (${Object.keys(row).join(", ")}) VALUES (${places.join(", ")}) ON CONFLICT (id) DO NOTHING`,
    )
    .bind(...Object.values(row))
    .run();
}
