import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { MadeCheck, TargetInput } from "../../contract/checks.ts";
import type { EpochMs } from "../../contract/units.ts";
import { Chance } from "../chance.ts";
import { KillableEdge } from "../killable-edge.ts";
import type { Machine } from "../outside/cloud.ts";
import { startControl } from "../outside/control.ts";
import { HealthEndpoints } from "../outside/health-endpoints.ts";
import { Vultr } from "../outside/vultr.ts";
import { SignedIn } from "../owner.ts";
import type { SentinelRows } from "../sentinel-rows.ts";

const DAY = 86_400_000;
const TICK_EVERY_MS = 120_000;
const KILLS = 14;
/** The last of them fall into the first tick of a day, with its uptime to be stored. Machines that are gone are kept for seven. */
const MIDNIGHTS = 4;
const MACHINES = 24;
const CHECKS = 6;
const WITH_INSTANCE = 3;
const REGIONS = ["weur", "enam", "apac"];
/** When it dies in a tick: when it has the list of the machines, or has looked at all pages. */
type Moment = "anywhere" | "list" | "pages";
/** Within this it writes down what it was told; a tick takes some 40 ms, and the first of a process twice as long. */
const WRITING_MS = [0, 30] as const;
const DIES_STARTING = 0.2;
const STARTING_MS = [100, 1_500] as const;
const HEADER_SECRET = "header-secret-9f2b7c1d";
/** From the moment a check is made to the end of its first round. */
const FIRST_ROUND_SECONDS = 30;

const chance = new Chance();
const isUp = Array<boolean>(CHECKS).fill(true);
const listed = new Set<string>();
let vultr: Vultr;
let health: HealthEndpoints;
let edge: KillableEdge;
/** Days ahead of the real clock, so that all that happens is in the order of its time. */
let at: EpochMs = (Math.ceil(Date.now() / DAY) + 1) * DAY - DAY / 24;
let tookMs = 100;
let names = 0;
let cut = 0;

beforeAll(async () => {
  console.log(`seed ${chance.seed}`);
  vultr = await Vultr.start(0, chance.seed);
  health = await HealthEndpoints.start();
  edge = await KillableEdge.start([], chance, { controlUrls: await startControl() });
  const owner = await SignedIn.by(await edge.signInLink());
  await owner.send("PUT", "/api/sentinel/settings", {
    regions: REGIONS,
    allowsPrivateTargets: true,
    ownHostnames: [],
    makesDefaultChecks: false,
  });
  const account = { name: "Production", credentials: vultr.credentials, endpoint: vultr.url };
  await owner.send("POST", "/api/provider-accounts", account);
  // By a tick and not with the key, after which an alarm would ring by the real clock.
  vultr.add(MACHINES);
  await edge.tick();
  for (const [index, machine] of watched().entries()) await makeCheck(owner, index, machine.id);
  for (let index = WITH_INSTANCE; index < CHECKS; index++) await makeCheck(owner, index, null);
});
afterAll(async () => {
  await edge?.end();
  await Promise.all([vultr?.stop(), health?.stop()]);
});

/** Those that a check speaks for: they stay. */
const watched = () => [...vultr.machines.values()].slice(0, WITH_INSTANCE);

async function makeCheck(owner: SignedIn, index: number, instanceId: string | null): Promise<void> {
  const path = `/${index}`;
  health.set(path, { does: "answer" });
  const headers = [{ name: "authorization", value: `Bearer ${HEADER_SECRET}` }];
  const target: TargetInput = { kind: "http", url: health.addresses.url + path, headers };
  const { id } = await owner.send<MadeCheck>("POST", "/api/checks", {
    name: path,
    instanceId,
    target,
    intervalMs: TICK_EVERY_MS,
  });
  // Answers when it has looked.
  await owner.send("POST", `/api/checks/${id}/run`);
}

/** Machines come, go, are renamed and switched off and on; pages fail and recover. */
function turn(): void {
  const others = () => [...vultr.machines.values()].slice(WITH_INSTANCE);
  // One that stands by itself cannot be switched off there.
  const any = (): Machine => chance.pick(others().filter(({ plan }) => !plan.startsWith("vbm")));
  if (chance.happens(0.6)) vultr.add(1 + chance.below(2));
  if (chance.happens(0.6)) any().name = `renamed-${++names}`;
  if (chance.happens(0.6)) {
    const machine = any();
    machine.state = machine.state === "stopped" ? "running" : "stopped";
  }
  if (chance.happens(0.5)) vultr.machines.delete(any().id);
  for (let index = 0; index < CHECKS; index++) {
    if (!chance.happens(0.4)) continue;
    isUp[index] = !isUp[index];
    health.set(`/${index}`, isUp[index] ? { does: "answer" } : { does: "answer", status: 503 });
  }
}

async function tick(): Promise<void> {
  at += TICK_EVERY_MS;
  const began = performance.now();
  await edge.tick(at);
  tookMs = performance.now() - began;
  for (const id of vultr.machines.keys()) listed.add(id);
}

/** Anywhere in the tick, or soon after it was told something that it will write down. */
async function moment(when: Moment, isOver: () => boolean): Promise<void> {
  const came = { anywhere: () => 1, list: () => vultr.asked["GET /v2/bare-metals"] ?? 0, pages: () => health.requests };
  const enough = came[when]() + { anywhere: 0, list: 1, pages: CHECKS * REGIONS.length }[when];
  while (came[when]() < enough && !isOver()) await setTimeout(1);
  await setTimeout(when === "anywhere" ? chance.between(0, tookMs) : chance.between(...WRITING_MS));
}

async function dieTicking(isMidnight: boolean): Promise<void> {
  at = isMidnight ? Math.ceil(at / DAY) * DAY + 1_000 : at + TICK_EVERY_MS;
  let isOver = false;
  const ticking = edge
    .tick(at)
    .catch(() => void cut++)
    .finally(() => (isOver = true));
  await moment(isMidnight ? "pages" : chance.pick(["anywhere", "list", "pages"]), () => isOver);
  await edge.kill();
  await ticking;
  if (!chance.happens(DIES_STARTING)) return;
  const starting = edge.start().catch(() => {});
  await setTimeout(chance.between(...STARTING_MS));
  await edge.kill();
  await starting;
}

it("however often it is killed in the middle of a tick, the sentinel knows every machine once, and tells each thing that happened once", async () => {
  for (let kill = 0; kill < KILLS; kill++) {
    const isMidnight = kill >= KILLS - MIDNIGHTS;
    for (let ticks = chance.below(3); ticks > 0; ticks--) {
      turn();
      await tick();
    }
    turn();
    await dieTicking(isMidnight);
    await edge.start();
    // What was stored of a day that is over may be stored again here.
    if (isMidnight) await tick();
  }
  for (let quiet = 0; quiet < 3; quiet++) await tick();
  const rows = await edge.sentinelRows();
  const faults = faultsOf(rows);
  console.log(
    `${KILLS} kills, ${cut} ticks cut off; ${rows.instances.length} instances, ${rows.events.length} events, ` +
      `${rows.changes.length} verdicts of checks, ${rows.uptime.length} days of uptime; ` +
      Object.entries(faults)
        .map(([what, which]) => `${which.length} ${what}`)
        .join(", "),
  );
  expect(faults).toEqual(Object.fromEntries(Object.keys(faults).map((what) => [what, []])));
  expect(cut).toBeGreaterThan(KILLS / 3);
  expect(rows.events.length).toBeGreaterThan(60);
  expect(rows.changes.length).toBeGreaterThan(CHECKS * 2);
  expect(rows.uptime.length).toBeGreaterThanOrEqual(CHECKS * MIDNIGHTS);
  await tick();
  const after = await edge.sentinelRows();
  expect([after.events, after.changes]).toEqual([rows.events, rows.changes]);
  expect(vultr.complaints).toEqual([]);
  expect(edge.output).toContain('"event":"tick"');
  for (const secret of [vultr.credentials.apiKey, HEADER_SECRET, ...vultr.secrets])
    expect(edge.output.includes(secret), secret).toBe(false);
}, 240_000);

function faultsOf(rows: SentinelRows): Record<string, string[]> {
  return {
    "machines not known once": [...vultr.machines.keys()].filter(
      (id) => rows.instances.filter(({ cloud }) => cloud.id === id && cloud.goneAt === null).length !== 1,
    ),
    "machines forgotten": [...listed].filter((id) => !rows.instances.some(({ cloud }) => cloud.id === id)),
    "gone and not marked": rows.instances
      .filter(({ cloud }) => !vultr.machines.has(cloud.id) && cloud.goneAt === null)
      .map(({ id }) => id),
    "instances that are not as their machine": rows.instances
      .filter(({ cloud }) => isOtherwise(cloud, vultr.machines.get(cloud.id)))
      .map(({ id }) => id),
    "events told twice": twiceIn(rows.events.map((event) => JSON.stringify(event))),
    "events that do not follow from those before": rows.instances.flatMap((instance) => brokenChains(instance, rows)),
    "checks not as their page": rows.checks
      .filter(({ name, verdict }) => verdict !== (isUp[Number(name.slice(1))] ? "up" : "down"))
      .map(({ name, verdict }) => `${name}: ${verdict}`),
    "verdicts of a check told twice": rows.changes
      .filter(({ checkId, verdict }, index) => {
        const before = rows.changes[index - 1];
        return before?.checkId === checkId && before.verdict === verdict;
      })
      .map(({ checkId, at: when }) => `${checkId} ${when}`),
    "days of more or less than has passed": rows.uptime.flatMap((one) => faultOfDay(one, rows)),
  };
}

function isOtherwise({ name, status }: SentinelRows["instances"][number]["cloud"], machine: Machine | undefined) {
  return machine !== undefined && (name !== machine.name || status !== machine.state);
}

function twiceIn(texts: readonly string[]): string[] {
  return texts.filter((text, index) => texts.indexOf(text) !== index);
}

/** Each thing that changes begins where the event before has left it, and ends as it is now. */
function brokenChains({ id, verdict, cloud }: SentinelRows["instances"][number], { events }: SentinelRows): string[] {
  const own = events.filter(({ instanceId }) => instanceId === id);
  const chains = {
    name: { kinds: ["added", "renamed"], now: cloud.name },
    status: { kinds: ["started", "stopped"], now: cloud.statusText },
    // Of a machine that is gone nothing is said any more.
    verdict: { kinds: ["verdict"], now: cloud.goneAt === null ? verdict : undefined },
  };
  return Object.entries(chains).flatMap(([what, { kinds, now }]) => {
    const chain = own.filter(({ kind }) => kinds.includes(kind));
    const isBroken = chain.some(({ before }, index) => index > 0 && before !== chain[index - 1]!.after);
    const endsElsewhere = now !== undefined && chain.length > 0 && chain.at(-1)!.after !== now;
    return isBroken || endsElsewhere ? [`${id} ${what}: ${JSON.stringify(chain)}, now ${now}`] : [];
  });
}

/** Of a check every second from its first round on is counted, and none twice; of an instance none twice. */
function faultOfDay({ subject, day }: SentinelRows["uptime"][number], { checks, instances }: SentinelRows): string[] {
  const [number, ...seconds] = day;
  const check = checks.find(({ id }) => id === subject);
  const bornAt = check?.createdAt ?? instances.find(({ id }) => id === subject)!.firstSeenAt;
  const passed = ((number + 1) * DAY - Math.max(number * DAY, bornAt)) / 1_000;
  const counted = seconds.reduce((sum, one) => sum + one, 0);
  const least = check ? passed - FIRST_ROUND_SECONDS : 0;
  return counted > passed + 1 || counted < least ? [`${subject} ${day}: ${passed} s have passed`] : [];
}
