import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { AuditEntry } from "../../contract/audit.ts";
import type { ErrorReply } from "../../contract/ingest.ts";
import { RETENTION_DAYS } from "../../contract/limits.ts";
import { operationsSchema, type Operations } from "../../contract/operations.ts";
import { AgentSocket, onlyShard, samples, untilWaiting } from "../testing/agent-socket.ts";
import { envelope, Owner, post } from "../testing/people.ts";
import { Viewer } from "../testing/viewer.ts";

let owner: Owner;
beforeAll(async () => void (owner = await Owner.signedIn()));

const operations = async () => operationsSchema.strict().parse(await owner.json<Operations>("/api/operations"));
const retention = { rawDays: 5, fiveMinutesDays: 40, hourDays: 400 };
const put = (body: unknown) => owner.fetch("/api/operations/retention", { method: "PUT", body });

describe("what this Nephos uses", () => {
  it("is told whole, and to admins only", async () => {
    const told = await operations();
    expect(told).toMatchObject({
      plan: "free",
      limits: { rowsWritten: 100_000, objectGbSeconds: 13_000 },
      thrift: { stage: "normal", because: null },
      flush: { everyMs: 600_000, problem: null },
      storage: { databaseBytesMax: 500_000_000, blocksUnreadable: 0 },
    });
    expect(told.today.day).toBe(new Date(told.now).toISOString().slice(0, 10));
    const statuses = (["admin", "operator", "viewer"] as const).map(
      async (role) => (await (await owner.joined(role)).fetch("/api/operations")).status,
    );
    expect((await Promise.all(statuses)).filter((status) => status === 200)).toHaveLength(1);
  });

  it("counts sockets, messages, samples that wait, and the last time they were written", async () => {
    const before = await operations();
    const { secret } = await owner.newToken();
    const agent = await AgentSocket.of(secret, "counted");
    const viewer = await Viewer.of(owner);
    await viewer.next("snapshot");
    agent.send(samples(1, 2));
    await untilWaiting("counted", [1, 2]);
    const during = await operations();
    expect(during.agents).toEqual({
      instances: before.agents.instances + 1,
      sockets: before.agents.sockets + 1,
      viewers: before.agents.viewers + 1,
    });
    expect(during.socketMessages).toBe(before.socketMessages + 2);
    expect(during.flush.samplesWaiting).toBe(before.flush.samplesWaiting + 2);
    await onlyShard().flush();
    const after = await operations();
    expect(after.flush).toMatchObject({ samplesWaiting: 0, problem: null });
    expect(after.flush.lastAt).toBeGreaterThanOrEqual(during.now);
    expect(after.today.used.rowsWritten).toBeGreaterThan(during.today.used.rowsWritten);
    for (const quota of ["rowsRead", "objectRequests"] as const)
      expect(after.today.used[quota]).toBeGreaterThan(during.today.used[quota]);
    for (const [quota, amount] of Object.entries(after.forecast))
      expect(amount).toBeGreaterThanOrEqual(after.today.used[quota as keyof typeof after.forecast]);
  });

  it("says why samples could not be written, until they could", async () => {
    const { secret } = await owner.newToken();
    await post(secret, envelope({ id: "unwritten", samples: samples(1, 1).samples }));
    await env.DB.exec("ALTER TABLE block RENAME TO block_away");
    const refused = await onlyShard()
      .flush()
      .then(() => "", String);
    expect(refused).toContain("no such table");
    const failing = await operations();
    await env.DB.exec("ALTER TABLE block_away RENAME TO block");
    expect(failing.flush).toMatchObject({
      samplesWaiting: 1,
      problem: expect.stringContaining("no such table") as string,
    });
    await onlyShard().flush();
    expect((await operations()).flush).toMatchObject({ samplesWaiting: 0, problem: null });
  });
});

describe("the retention", () => {
  it("is what its owner says, from then on, and is written down with what it was", async () => {
    const before = (await operations()).retention;
    expect(before).toEqual({
      rawDays: RETENTION_DAYS.raw.default,
      fiveMinutesDays: RETENTION_DAYS.fiveMinutes.default,
      hourDays: RETENTION_DAYS.hour.default,
    });
    expect((await put(retention)).status).toBe(204);
    expect((await operations()).retention).toEqual(retention);
    const { entries } = await owner.json<{ entries: AuditEntry[] }>("/api/audit?action=retention.changed");
    expect(entries).toMatchObject([
      {
        action: "retention.changed",
        before: "raw 3 days; 5 minutes 30 days; 1 hour 730 days",
        after: "raw 5 days; 5 minutes 40 days; 1 hour 400 days",
      },
    ]);
  });

  it.each<[what: string, body: Record<string, unknown>, field: string]>([
    ["no day of samples", { ...retention, rawDays: 0 }, "rawDays"],
    ["half a day", { ...retention, rawDays: 1.5 }, "rawDays"],
    ["more samples than the bound", { rawDays: 31, fiveMinutesDays: 60, hourDays: 400 }, "rawDays"],
    ["more five minutes than the bound", { ...retention, fiveMinutesDays: 367 }, "fiveMinutesDays"],
    ["fewer hours than the bound", { rawDays: 1, fiveMinutesDays: 2, hourDays: 7 }, "hourDays"],
    ["more hours than the bound", { ...retention, hourDays: 1_827 }, "hourDays"],
    [
      "five minutes that reach no further than samples",
      { ...retention, rawDays: 30, fiveMinutesDays: 30 },
      "fiveMinutesDays",
    ],
    [
      "hours that reach no further than five minutes",
      { ...retention, fiveMinutesDays: 300, hourDays: 300 },
      "hourDays",
    ],
    ["not all of it", { rawDays: 5 }, "fiveMinutesDays"],
    ["no number", { ...retention, rawDays: "5" }, "rawDays"],
  ])("of %s is refused with its field, and stays as it is", async (_what, body, field) => {
    const before = (await operations()).retention;
    const reply = await put(body);
    expect(reply.status).toBe(400);
    const error = await reply.json<ErrorReply>();
    expect(error).toMatchObject({ code: "invalid_field", field });
    expect(error.remedy).toBeTruthy();
    expect((await operations()).retention).toEqual(before);
  });

  it("may be as short and as long as its bounds", async () => {
    const { raw, fiveMinutes, hour } = RETENTION_DAYS;
    for (const end of ["min", "max"] as const) {
      const body = { rawDays: raw[end], fiveMinutesDays: fiveMinutes[end], hourDays: hour[end] };
      expect((await put(body)).status).toBe(204);
      expect((await operations()).retention).toEqual(body);
    }
  });

  it("is not for those who only look", async () => {
    const viewer = await owner.joined("viewer");
    const before = (await operations()).retention;
    const reply = await viewer.fetch("/api/operations/retention", { method: "PUT", body: retention });
    expect([reply.status, (await reply.json<ErrorReply>()).code]).toEqual([403, "role_too_low"]);
    expect((await operations()).retention).toEqual(before);
  });
});
