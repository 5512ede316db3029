import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ReplyOf } from "../../contract/api.ts";
import type { AuditEntry } from "../../contract/audit.ts";
import type { Channel } from "../../contract/channels.ts";
import type { ErrorReply } from "../../contract/ingest.ts";
import { startHealthEndpoints } from "../testing/health-endpoints.ts";
import { knowInstance } from "../testing/history.ts";
import { Owner, type Browser } from "../testing/people.ts";
import { plant } from "../testing/planted.ts";
import { runAtHome } from "../testing/sentinel.ts";

type ChannelTest = ReplyOf<"POST /api/channels/:id/test">;

const SECRET = plant("a-webhook-secret-that-nobody-sees");
let owner: Owner;
let admin: Browser;
let endpoints: Awaited<ReturnType<typeof startHealthEndpoints>>;

beforeAll(async () => {
  endpoints = await startHealthEndpoints();
  await endpoints.set("/taken", { does: "answer", body: "thank you" });
  owner = await Owner.signedIn();
  admin = await owner.joined("admin");
});
beforeEach(async () => {
  await env.DB.prepare("DELETE FROM channel").run();
  await runAtHome();
});

const webhook = (path = "/taken", more: Record<string, unknown> = {}) => ({
  kind: "webhook",
  url: plant(endpoints.byName(path)),
  secret: SECRET,
  ...more,
});
const add = (body: Record<string, unknown>, by: Browser = admin) =>
  by.fetch("/api/channels", { method: "POST", body: { name: "On call", ...body } });
const added = async (body: Record<string, unknown> = { config: webhook() }) => {
  const reply = await add(body);
  expect(reply.status, await reply.clone().text()).toBe(201);
  return reply.json<Channel>();
};
async function refused(reply: Response) {
  return { status: reply.status, ...(await reply.json<ErrorReply>()) };
}
const patch = (id: string, body: unknown) => admin.fetch(`/api/channels/${id}`, { method: "PATCH", body });
const audited = async (action: string) =>
  (await owner.json<{ entries: AuditEntry[] }>(`/api/audit?action=${action}`)).entries;
const list = () => owner.json<{ channels: Channel[]; vapidPublicKey: string }>("/api/channels");

describe("a channel", () => {
  it("is kept when a test has arrived there, without what is secret of it", async () => {
    const before = (await endpoints.received("/taken")).length;
    const channel = await added({ config: webhook(), minSeverity: "critical", repeatMs: 3_600_000 });
    expect(channel).toMatchObject({
      kind: "webhook",
      config: {},
      minSeverity: "critical",
      isEnabled: true,
      tellsResolved: true,
      problem: null,
      waiting: 0,
      parked: 0,
    });
    const received = (await endpoints.received("/taken")).slice(before);
    expect(received).toHaveLength(1);
    expect(JSON.parse(received[0]!.body)).toMatchObject({ kind: "test" });
    expect(received[0]!.headers["nephos-signature"]).toMatch(/^t=\d+,v1=/);
    const { channels, vapidPublicKey } = await list();
    expect(channels).toEqual([channel]);
    expect(vapidPublicKey).toMatch(/^[\w-]{87}$/);
    const row = await env.DB.prepare("SELECT config, secrets FROM channel").first<Record<string, string>>();
    expect(row!["config"]).toBe("{}");
    expect(row!["secrets"]).toMatch(/^v1\./);
  });

  it("is not kept where its test does not arrive, and what was answered is said", async () => {
    await endpoints.set("/gone", { does: "answer", status: 410, body: "moved away" });
    const refusal = await refused(await add({ config: webhook("/gone") }));
    expect(refusal).toMatchObject({ status: 422, code: "channel_refused", field: "config" });
    expect(refusal.message).toContain("410");
    expect((await list()).channels).toEqual([]);
  });

  it("of a webhook needs a secret, which nobody could read later", async () => {
    const { secret: _secret, ...config } = webhook();
    expect(await refused(await add({ config }))).toMatchObject({ status: 400, field: "config.secret" });
  });

  it.each([
    ["http://hooks.example.com/", "plain HTTP"],
    ["https://127.0.0.1/", "this machine"],
    ["https://169.254.169.254/latest", "where clouds keep keys"],
    ["https://intranet.local/", "a name inside a network"],
    ["https://somebody:pass@hooks.example.com/", "credentials in it"],
  ])("may not be at %s (%s) unless its owner allows it", async (url) => {
    await runAtHome({ allowsPrivateTargets: false });
    expect(await refused(await add({ config: { kind: "slack", url } }))).toMatchObject({
      status: 400,
      code: "invalid_field",
      field: "config.url",
    });
    const elsewhere = { kind: "ntfy", server: url, topic: "alerts" };
    expect(await refused(await add({ config: elsewhere }))).toMatchObject({ status: 400, field: "config.server" });
  });

  it("can be changed without entering its secrets again; a new way there is tested first", async () => {
    await endpoints.set("/other", { does: "answer" });
    await endpoints.set("/broken", { does: "answer", status: 403 });
    const { id } = await added();
    const before = (await endpoints.received("/taken")).length;
    const renamed = await (await patch(id, { name: "Night shift", afterMs: 600_000 })).json<Channel>();
    expect(renamed).toMatchObject({ name: "Night shift", afterMs: 600_000 });
    expect((await endpoints.received("/taken")).length, "no test").toBe(before);

    expect((await patch(id, { config: { kind: "webhook", url: plant(endpoints.byName("/other")) } })).status).toBe(200);
    const sent = await endpoints.received("/other");
    expect(sent).toHaveLength(1);
    expect(sent[0]!.headers["nephos-signature"], "signed with the secret that was kept").toBeDefined();

    const url = plant(endpoints.byName("/broken"));
    expect(await refused(await patch(id, { name: "Not kept", config: { kind: "webhook", url } }))).toMatchObject({
      status: 422,
      code: "channel_refused",
    });
    expect((await list()).channels[0]).toMatchObject({ name: "Night shift" });
    await admin.json<ChannelTest>(`/api/channels/${id}/test`, { method: "POST" });
    expect(await endpoints.received("/other"), "the way that worked is still there").toHaveLength(2);
  });

  it("stays of its kind, and its key is not sent to another address unless it is entered again", async () => {
    await endpoints.set("/alerts", { does: "answer", body: '{"id":"1"}' });
    const { origin } = new URL(endpoints.byName("/"));
    const ntfy = { kind: "ntfy", server: origin, topic: "alerts", token: plant("tk_a_token_of_ntfy") };
    await endpoints.set("/", { does: "answer", body: '{"id":"1"}' });
    const { id } = await added({ config: ntfy });
    expect(await refused(await patch(id, { config: webhook() }))).toMatchObject({ status: 400, field: "config.kind" });
    const elsewhere = { kind: "ntfy", server: "https://evil.example.com", topic: "alerts" };
    expect(await refused(await patch(id, { config: elsewhere }))).toMatchObject({ status: 400, field: "config.token" });
    expect((await patch(id, { config: { kind: "ntfy", server: origin, topic: "nights" } })).status).toBe(200);
    const sent = (await endpoints.received("/")).map(({ body }) => (JSON.parse(body) as { topic: string }).topic);
    expect(sent).toEqual(["alerts", "nights"]);
    expect((await list()).channels[0]!.config, "who knows the topic can read it").toEqual({ server: origin });
    expect(await refused(await patch(id, { config: { kind: "ntfy", server: origin, topic: "a b" } }))).toMatchObject({
      status: 400,
      field: "config.topic",
    });
  });

  it("of ntfy without a token moves to another server when its topic is entered again", async () => {
    await endpoints.set("/", { does: "answer", body: '{"id":"1"}' });
    const server = new URL(endpoints.byName("/")).origin;
    const { id } = await added({ config: { kind: "ntfy", server, topic: "alerts" } });
    const moved = { kind: "ntfy", server: `${server}/` };
    expect(await refused(await patch(id, { config: moved }))).toMatchObject({ status: 400, field: "config.topic" });
    expect((await patch(id, { config: { ...moved, topic: "alerts" } })).status).toBe(200);
  });

  it("is shown to who is limited to tags without whom it tells, what its provider said, and whom else it is about", async () => {
    await knowInstance("mine", ["team-a"]);
    await endpoints.set("/", { does: "answer", body: '{"id":"1"}' });
    const scope = { subjects: ["mine", "hidden"] };
    await added({ config: { kind: "ntfy", server: new URL(endpoints.byName("/")).origin, topic: "alerts" }, scope });
    await env.DB.prepare(`UPDATE channel SET problem = '{"message":"no such user secret-db","since":1}'`).run();
    const limited = await owner.joined("viewer", { tags: ["team-a"] });
    const { channels } = await limited.json<{ channels: Channel[] }>("/api/channels");
    expect(channels).toMatchObject([{ name: "On call", scope: { subjects: ["mine"] } }]);
    expect(channels[0]!.config).toEqual({});
    expect(channels[0]!.problem).toEqual({ message: "It does not work.", since: 1 });
    expect((await list()).channels[0]!.problem!.message).toContain("secret-db");
  });

  it("leaves a test that failed in the log, with where it went and nothing that is secret", async () => {
    await endpoints.set("/gone-too", { does: "answer", status: 410 });
    await add({ name: "Tried", config: webhook("/gone-too") });
    const [entry] = await audited("channel.tested");
    expect(entry).toMatchObject({ subject: "Tried", actor: "the admin" });
    expect(entry!.after).toBe(`Webhook to ${new URL(endpoints.byName("/")).host}: did not arrive`);
  });

  it("says in the log who is told now and was not before", async () => {
    await endpoints.set("/emails", { does: "answer", body: '{"id":"1"}' });
    const endpoint = new URL(endpoints.byName("/")).origin;
    const config = { kind: "resend", from: "nephos@example.com", to: ["a@example.com"], endpoint };
    const { id } = await added({ config: { ...config, apiKey: plant("re_a_key_of_resend") } });
    await patch(id, { config: { ...config, to: ["a@example.com", "b@example.com"] } });
    const [entry] = await audited("channel.changed");
    expect(entry!.after).toBe("config; now also to b@example.com");
  });

  it("is tested by an operator, and a problem that is over is forgotten", async () => {
    const operator = await owner.joined("operator");
    const { id } = await added();
    await env.DB.prepare(`UPDATE channel SET problem = '{"message":"status 500","since":1}'`).run();
    const { answer, tookMs } = await operator.json<ChannelTest>(`/api/channels/${id}/test`, { method: "POST" });
    expect(answer).toContain("200");
    expect(tookMs).toBeGreaterThanOrEqual(0);
    expect((await list()).channels[0]!.problem).toBeNull();
    await endpoints.set("/taken", { does: "answer", status: 500, body: "on fire" });
    expect(await refused(await operator.fetch(`/api/channels/${id}/test`, { method: "POST" }))).toMatchObject({
      status: 422,
      code: "channel_refused",
    });
    await endpoints.set("/taken", { does: "answer", body: "thank you" });
  });

  it("is removed, and that is in the log; who is no admin changes nothing", async () => {
    const operator = await owner.joined("operator");
    const { id } = await added();
    expect((await add({ config: webhook() }, operator)).status).toBe(403);
    expect((await operator.fetch(`/api/channels/${id}`, { method: "DELETE" })).status).toBe(403);
    expect((await patch("none", { name: "x" })).status).toBe(404);
    await admin.json(`/api/channels/${id}`, { method: "DELETE" }, 204);
    expect((await list()).channels).toEqual([]);
    for (const action of ["channel.added", "channel.removed"]) {
      const { entries } = await owner.json<{ entries: unknown[] }>(`/api/audit?action=${action}`);
      expect(entries[0]).toMatchObject({ subject: "On call", actor: "the admin" });
    }
  });

  it("has an end of how many there can be", async () => {
    await added();
    await env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 99)
       INSERT INTO channel SELECT 'many-' || i, kind, name, 0, config, secrets, min_severity, scope, after_ms, repeat_ms, quiet_hours,
         tells_resolved, created_at, last_sent_at, problem FROM channel, n`,
    ).run();
    expect(await refused(await add({ config: webhook() }))).toMatchObject({ status: 409, code: "too_many_kept" });
  });
});
