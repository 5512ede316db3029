import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { D1Database } from "@cloudflare/workers-types";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll, beforeAll, expect, test } from "vitest";
import { incident, incidentEvent, incidentMember } from "../../worker/alerts/table.ts";
import { database, type Database } from "../../worker/db/client.ts";
import { channel, notification } from "../../worker/notify/table.ts";
import { secretsPurpose } from "../../worker/notify/sealed-columns.ts";
import { keyringOf } from "../../worker/vault/keyring.ts";
import { Vault } from "../../worker/vault/vault.ts";
import { migrate } from "../local/migrate.ts";
import { checkRows } from "./checks.ts";
import { fillCloudPast } from "./cloud-past.ts";
import { keepAccounts, startClouds, stopClouds, type DemoClouds } from "./clouds.ts";
import { demoFleet } from "./fleet.ts";
import { fillIncidents } from "./incident-past.ts";
import { CONNECTED_BEFORE_MS } from "./machines.ts";
import { keepOnCall, SLACK_REFUSAL } from "./on-call.ts";
import { insertInstance } from "./run.ts";

/** In front of a real D1, with the clouds of the demo. */
const BORN_AT = Date.UTC(2026, 9, 1, 12);
const SHOP = { url: "http://127.0.0.1:1", openPort: 2, closedPort: 3 };
const fleet = demoFleet(BORN_AT);
const checks = checkRows(fleet, SHOP, "beat", BORN_AT);
const vault = new Vault(keyringOf({ ENCRYPTION_KEY_1: randomBytes(32).toString("base64url") }));
const way = { inboxUrl: "http://127.0.0.1:4", secret: "shared", vault };
let miniflare: Miniflare;
let clouds: DemoClouds;
let db: Database;

beforeAll(async () => {
  clouds = await startClouds();
  miniflare = new Miniflare(
    convertV4MiniflareOptions({ modules: true, script: "export default {};", d1Databases: ["DB"] }),
  );
  const d1 = (await miniflare.getD1Database("DB")) as unknown as D1Database;
  await migrate(d1, join(import.meta.dirname, "../../drizzle"));
  db = database(d1 as never);
  for (const instance of fleet) await insertInstance(d1, instance, BORN_AT - CONNECTED_BEFORE_MS);
  await fillCloudPast(db, clouds, await keepAccounts(db, clouds, vault, BORN_AT), fleet, BORN_AT);
  await keepOnCall(db, way, { bornAt: BORN_AT, now: BORN_AT });
  await fillIncidents(db, { fleet, checks, bornAt: BORN_AT });
}, 60_000);
afterAll(async () => {
  await miniflare.dispose();
  await stopClouds(clouds);
});

test("what is in trouble when the demo begins is open, each trouble once, and nothing else is", async () => {
  const open = (await db.select().from(incident)).filter(({ state }) => state !== "resolved");
  const titles = open.map(({ title }) => title);
  expect(titles).toEqual(
    expect.arrayContaining([
      "Orders database is down",
      "Payments webhook is down",
      "Nightly backup is down",
      "queue-ams-3 is down",
      "standby-use1-1 is impaired at its provider",
      "Slow answer: Search",
      "Memory used: cache-ewr-1",
    ]),
  );
  expect(titles.length).toBeLessThanOrEqual(9);
  expect(open.find(({ title }) => title === "queue-ams-3 is down")).toMatchObject({ openMembers: 3 });
  expect(open.find(({ title }) => title === "Nightly backup is down")).toMatchObject({ state: "acknowledged" });
  expect(open.find(({ kind }) => kind === "provider")).toMatchObject({ isSilenced: true });
});

test("what is over is resolved with all its members, and nothing happened after the demo began", async () => {
  const [incidents, members, events] = await Promise.all([
    db.select().from(incident),
    db.select().from(incidentMember),
    db.select().from(incidentEvent),
  ]);
  expect(incidents.length).toBeGreaterThan(20);
  for (const { id, state, resolvedAt, openMembers } of incidents) {
    const open = members.filter((one) => one.incidentId === id && one.resolvedAt === null);
    expect(open).toHaveLength(openMembers);
    expect(state === "resolved").toBe(openMembers === 0);
    expect(state === "resolved").toBe(resolvedAt !== null);
  }
  expect(events.every(({ at }) => at <= BORN_AT)).toBe(true);
  expect(events.filter(({ kind, words }) => kind === "acknowledged" && words !== "").length).toBeGreaterThan(3);
});

test("only channels that were told of an incident are told that it is over", async () => {
  const rows = await db.select().from(notification);
  for (const row of rows.filter(({ kind, state }) => kind === "resolved" && state === "sent")) {
    const before = rows.filter((one) => one.incidentId === row.incidentId && one.channelId === row.channelId);
    expect(before.some(({ state, eventNumber }) => state === "sent" && eventNumber < row.eventNumber)).toBe(true);
  }
  expect(rows.filter(({ state }) => state === "waiting").every(({ nextAt }) => nextAt > BORN_AT)).toBe(true);
});

test("a channel that was refused keeps what it could not be told, and the others have heard of it", async () => {
  const rows = await db.select().from(notification);
  const parked = rows.filter(({ state }) => state === "parked");
  expect(parked.length).toBeGreaterThan(0);
  expect(parked.every(({ channelId, answer }) => channelId === "demo-databases" && answer === SLACK_REFUSAL)).toBe(
    true,
  );
  const troubles = rows.filter(({ kind }) => kind === "trouble");
  expect(troubles.map(({ channelId }) => channelId).toSorted()).toEqual(["demo-escalation", "demo-on-call"]);
});

test("a second start writes nothing twice, and has the channels lead to the new inbox", async () => {
  const counts = () => Promise.all([incident, incidentEvent, notification, channel].map((table) => db.$count(table)));
  const before = await counts();
  await keepOnCall(db, { ...way, inboxUrl: "http://127.0.0.1:5" }, { bornAt: BORN_AT, now: BORN_AT + 60_000 });
  await fillIncidents(db, { fleet, checks, bornAt: BORN_AT });
  expect(await counts()).toEqual(before);
  for (const { id, secrets, config } of await db.select().from(channel)) {
    expect(config).toEqual({});
    expect(await vault.open(secrets!, secretsPurpose(id))).toContain("http://127.0.0.1:5/");
  }
});
