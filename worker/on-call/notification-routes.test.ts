import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ShownNotification } from "../../contract/notifications.ts";
import type { Channel } from "../../contract/channels.ts";
import { startHealthEndpoints } from "../testing/health-endpoints.ts";
import { knowInstance } from "../testing/history.ts";
import { Owner, type Browser } from "../testing/people.ts";
import { runAtHome } from "../testing/sentinel.ts";

let owner: Owner;
let operator: Browser;
beforeAll(async () => {
  owner = await Owner.signedIn();
  operator = await owner.joined("operator");
});
beforeEach(async () => {
  await env.DB.batch(
    ["notification", "incident", "incident_member"].map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
  );
});

const MESSAGE = {
  severity: "warning",
  reason: "Load 9",
  at: 1,
  openedAt: 1,
  ruleName: "Load",
  ruleKind: "metric",
  members: 1,
  names: ["web-1"],
};
let at = 0;
async function put(
  id: string,
  { state = "parked", incidentId = null as string | null, kind = "firing", channelId = "gone" } = {},
) {
  await env.DB.prepare(
    `INSERT INTO notification (id, channel_id, incident_id, event_number, kind, state, message, created_at, next_at, attempts, answer)
     VALUES (?1, ?7, ?2, 1, ?3, ?4, ?5, ?6, 0, 9, 'status 410')`,
  )
    .bind(id, incidentId, kind, state, JSON.stringify({ ...MESSAGE, title: `About ${id}` }), ++at, channelId)
    .run();
}
async function incidentOf(id: string, tags: string[]) {
  await env.DB.prepare(
    `INSERT INTO incident (id, title, severity, state, rule_id, rule_name, kind, subject, reason, opened_at, updated_at, members,
      open_members, reopened, is_silenced, tags, last_event)
     VALUES (?1, ?1, 'warning', 'resolved', 'r', 'r', 'metric', ?1, 'r', 1, 1, 1, 0, 0, 0, ?2, 1)`,
  )
    .bind(id, JSON.stringify(tags))
    .run();
}
const list = async (query = "", by: Browser = owner) =>
  (await by.json<{ notifications: ShownNotification[] }>(`/api/notifications?${query}`)).notifications;
const act = (body: unknown, by: Browser = operator) => by.fetch("/api/notification-actions", { method: "POST", body });

describe("notifications", () => {
  it("are listed newest first, by state where that is asked", async () => {
    await put("first");
    await put("second", { state: "sent" });
    expect(await list()).toMatchObject([
      { id: "second", title: "About second", channelName: "a removed channel" },
      { id: "first", state: "parked", answer: "status 410", attempts: 9, nextAt: null },
    ]);
    expect((await list("state=parked")).map(({ id }) => id)).toEqual(["first"]);
  });

  it("that are parked are given up by an operator, which is in the log; by a viewer they are not", async () => {
    await put("one");
    await put("two");
    const viewer = await owner.joined("viewer");
    expect((await act({ ids: ["one"], action: "discard" }, viewer)).status).toBe(403);
    const reply = await act({ ids: ["one", "two"], action: "discard" });
    const { notifications } = await reply.json<{ notifications: ShownNotification[] }>();
    expect(notifications).toMatchObject([
      { id: "two", state: "dropped" },
      { id: "one", state: "dropped" },
    ]);
    const { entries } = await owner.json<{ entries: unknown[] }>("/api/audit?action=notifications.changed");
    expect(entries[0]).toMatchObject({ subject: "2 notifications", after: "given up", actor: "the operator" });
    expect((await act({ ids: ["none"], action: "retry" })).status).toBe(404);
  });

  it("that are parked go out when somebody tries them again", async () => {
    await runAtHome();
    const endpoints = await startHealthEndpoints();
    await endpoints.set("/hook", { does: "answer" });
    const config = { kind: "webhook", url: endpoints.byName("/hook"), secret: "long-and-random" };
    const body = { name: "On call", config };
    const { id: channelId } = await owner.json<Channel>("/api/channels", { method: "POST", body }, 201);
    await put("again", { channelId, kind: "trouble" });
    const reply = await act({ ids: ["again"], action: "retry" });
    const { notifications } = await reply.json<{ notifications: ShownNotification[] }>();
    expect(notifications).toMatchObject([{ id: "again", state: "sent", channelName: "On call" }]);
    const received = await endpoints.received("/hook");
    expect(received.map(({ body: text }) => (JSON.parse(text) as { kind: string }).kind)).toEqual(["test", "trouble"]);
  });

  it("are not told to who may not see their incident, nor changed by them", async () => {
    await incidentOf("theirs", ["team-a"]);
    await incidentOf("others", ["team-b"]);
    await put("of-theirs", { incidentId: "theirs" });
    await put("of-others", { incidentId: "others" });
    await put("digest", { kind: "digest" });
    await put("trouble", { kind: "trouble" });
    const limited = await owner.joined("operator", { tags: ["team-a"] });
    expect((await list("", limited)).map(({ id }) => id)).toEqual(["trouble", "of-theirs"]);
    expect((await act({ ids: ["of-others", "digest"], action: "discard" }, limited)).status).toBe(404);
    expect((await act({ ids: ["of-others", "of-theirs"], action: "discard" }, limited)).status).toBe(200);
    expect(Object.fromEntries((await list()).map(({ id, state }) => [id, state]))).toMatchObject({
      "of-theirs": "dropped",
      "of-others": "parked",
    });
  });

  it("fill the page that was asked for, however many others are newer", async () => {
    await incidentOf("theirs", ["team-a"]);
    await incidentOf("others", ["team-b"]);
    await put("oldest", { incidentId: "theirs" });
    for (const id of ["hidden-1", "hidden-2", "hidden-3"]) await put(id, { incidentId: "others" });
    const limited = await owner.joined("viewer", { tags: ["team-a"] });
    expect((await list("limit=2", limited)).map(({ id }) => id)).toEqual(["oldest"]);
  });

  it("of an incident with hidden members have the title that is seen", async () => {
    await knowInstance("mine", ["team-a"]);
    await knowInstance("secret-db", ["team-b"]);
    await incidentOf("storm", ["team-a", "team-b"]);
    await env.DB.batch(
      ["mine", "secret-db"].map((name) =>
        env.DB.prepare(
          `INSERT INTO incident_member (incident_id, rule_id, rule_name, subject, instance_id, name, severity, opened_at, reason)
           VALUES ('storm', 'r', 'r', ?1, ?1, ?1, 'warning', 1, 'x')`,
        ).bind(name),
      ),
    );
    await put("secret-db", { incidentId: "storm" });
    const limited = await owner.joined("operator", { tags: ["team-a"] });
    expect(await list("", limited)).toMatchObject([{ id: "secret-db", title: "r: mine" }]);
    const reply = await act({ ids: ["secret-db"], action: "discard" }, limited);
    const { notifications } = await reply.json<{ notifications: ShownNotification[] }>();
    expect(notifications).toMatchObject([{ title: "r: mine" }]);
    expect(await list()).toMatchObject([{ title: "About secret-db" }]);
  });
});
