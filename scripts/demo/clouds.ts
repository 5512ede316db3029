import type { Credentials } from "../../contract/providers.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { Asked, Cloud, Reply } from "../../tests/outside/cloud.ts";
import { json } from "../../tests/outside/cloud.ts";
import { Ec2 } from "../../tests/outside/ec2.ts";
import { Gcp } from "../../tests/outside/gcp.ts";
import { Hetzner } from "../../tests/outside/hetzner.ts";
import { Vultr } from "../../tests/outside/vultr.ts";
import { hashOf } from "../../worker/auth/secret.ts";
import type { Database } from "../../worker/db/client.ts";
import { credentialsPurpose } from "../../worker/providers/sealed-columns.ts";
import { providerAccount, type ProviderAccountRow } from "../../worker/providers/table.ts";
import type { Vault } from "../../worker/vault/vault.ts";
import type { DemoInstance } from "./fleet.ts";
import { CONNECTED_BEFORE_MS, machinesAt } from "./machines.ts";
import { pick } from "./noise.ts";
import { DEMO_CLOUDS, PLACES, type DemoCloud } from "./places.ts";

const DAY_MS = 86_400_000;
const GB = 2 ** 30;

export type DemoClouds = Record<DemoCloud, Cloud>;

/** Vultr with traffic of this month; what its stand-in tells of is that of a winter long past. */
class BusyVultr extends Vultr {
  protected override answer(asked: Asked): Reply {
    const reply = super.answer(asked);
    const [, id] = /\/([^/]+)\/bandwidth$/.exec(asked.url.pathname) ?? [];
    return id === undefined || reply.status !== 200 ? reply : json({ bandwidth: trafficOf(id, Date.now()) });
  }
}

/** By UTC day of the last month; each machine has its own pace. */
function trafficOf(id: string, now: EpochMs): Record<string, object> {
  const number = Number.parseInt(id.slice(0, 6), 16);
  const today = Math.floor(now / DAY_MS);
  const days = Array.from({ length: 31 }, (_, back) => {
    const bytes = Math.round((3 + 30 * pick(number, 1)) * (0.7 + 0.6 * pick(number, today - back)) * GB);
    const day = new Date((today - back) * DAY_MS).toISOString().slice(0, 10);
    return [day, { incoming_bytes: Math.round(bytes / 4), outgoing_bytes: bytes }];
  });
  return Object.fromEntries(days) as Record<string, object>;
}

/** The clouds that the demo rents from, on this machine. */
export async function startClouds(): Promise<DemoClouds> {
  const [vultr, aws, hetzner, gcp] = await Promise.all([BusyVultr.start(), Ec2.start(), Hetzner.start(), Gcp.start()]);
  return { vultr, aws, hetzner, gcp };
}

export async function stopClouds(clouds: DemoClouds): Promise<void> {
  await Promise.all(Object.values(clouds).map((cloud) => cloud.stop()));
}

/** From now on they list what is rented at this moment. */
export function rentAsOf(clouds: DemoClouds, fleet: readonly DemoInstance[], at: EpochMs, bornAt: EpochMs): void {
  for (const [kind, machines] of Object.entries(machinesAt(fleet, at, bornAt))) {
    const rented = clouds[kind as DemoCloud].machines;
    rented.clear();
    for (const machine of machines) rented.set(machine.id, machine);
  }
}

export const credentialsOf = (cloud: Cloud) => cloud.credentials as Credentials;

/** The accounts, whose addresses and keys are others with every start. */
export async function keepAccounts(
  db: Database,
  clouds: DemoClouds,
  vault: Vault,
  bornAt: EpochMs,
): Promise<ProviderAccountRow[]> {
  return Promise.all(
    DEMO_CLOUDS.map(async (kind) => {
      const id = `demo-${kind}`;
      const text = JSON.stringify(credentialsOf(clouds[kind]));
      const way = {
        endpoint: clouds[kind].url,
        credentials: await vault.seal(text, credentialsPurpose(id)),
        keyHint: hashOf(text).slice(0, 12),
      };
      const row: ProviderAccountRow = {
        id,
        kind,
        name: PLACES[kind].account,
        regions: [],
        isPaused: false,
        createdAt: bornAt - CONNECTED_BEFORE_MS,
        lastAttemptAt: null,
        lastDiscoveredAt: null,
        problem: null,
        ...way,
      };
      await db.insert(providerAccount).values(row).onConflictDoUpdate({ target: providerAccount.id, set: way });
      return row;
    }),
  );
}
