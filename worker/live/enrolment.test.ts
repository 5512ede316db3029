import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { Enrolment, EnrolReply, NewEnrolment } from "../../contract/agents.ts";
import { ENDPOINTS } from "../../contract/api.ts";
import type { ErrorReply } from "../../contract/ingest.ts";
import type { InstanceDetail } from "../../contract/instance.ts";
import { INGESTS_PER_TOKEN_PER_MINUTE_MAX } from "../settings.ts";
import { Browser, envelope, Owner, post } from "../testing/people.ts";

let owner: Owner;
let names = 0;
const newId = () => `enrolled-${++names}`;
const sample = (id: string, more = {}) =>
  envelope({
    id,
    stream: crypto.randomUUID(),
    samples: [{ seq: 1, at: Date.now(), metrics: { load_1m: 1 } }],
    ...more,
  });

beforeAll(async () => {
  owner = await Owner.signedIn();
});

const make = (body: Record<string, unknown> = {}) =>
  owner.json<NewEnrolment>("/api/enrolments", { method: "POST", body: { label: "web", ...body } }, 201);
const enrol = (secret: string, id: string, name?: string) =>
  new Browser().fetch("/enrol", {
    method: "POST",
    headers: { authorization: `Bearer ${secret}`, origin: "" },
    body: { instance: { id, ...(name && { name }) } },
  });
const enrolled = async (secret: string, id: string) => (await enrol(secret, id)).json<EnrolReply>();

describe("an enrolment token", () => {
  // First, for of many refusals in a minute only some are written down.
  it("that is used up, over, revoked or was never made is refused in the same words, and written down", async () => {
    const [used, over, revoked] = [await make(), await make(), await make()];
    await enrol(used.secret, newId());
    await env.DB.prepare("UPDATE enrolment SET expires_at = 1 WHERE id = ?").bind(over.id).run();
    await owner.json(`/api/enrolments/${revoked.id}`, { method: "DELETE" }, 204);
    const texts = new Set<string>();
    for (const secret of [used.secret, over.secret, revoked.secret, `nee_${"D".repeat(43)}`, "nee_short", "x"]) {
      const reply = await enrol(secret, newId());
      expect(reply.status).toBe(401);
      texts.add(await reply.text());
    }
    expect(texts.size).toBe(1);
    const { entries } = await owner.json<{ entries: { reason: string }[] }>("/api/audit?action=enrolment.refused");
    expect(new Set(entries.map(({ reason }) => reason))).toEqual(
      new Set([
        "the enrolment token is used up",
        "the enrolment token has expired",
        "the enrolment token is not known",
      ]),
    );
  });

  it("is exchanged for the agent's own token, which speaks for that instance at once", async () => {
    const { secret, prefix } = await make();
    expect(secret).toMatch(/^nee_[\w-]{43}$/);
    expect(secret.startsWith(prefix)).toBe(true);
    const id = newId();
    const reply = await enrol(secret, id, "Mail");
    expect(reply.status).toBe(201);
    const { token, instanceId } = await reply.json<EnrolReply>();
    expect([instanceId, token]).toEqual([id, expect.stringMatching(/^nep_[\w-]{43}$/)]);
    expect((await post(token, sample(id))).status).toBe(200);
    expect(await (await post(token, sample("another"))).json<ErrorReply>()).toMatchObject({
      code: "token_of_another_instance",
    });
    const { enrolments } = await owner.json<{ enrolments: Enrolment[] }>("/api/enrolments");
    expect(enrolments.find((one) => one.prefix === prefix)).toMatchObject({ usesLeft: 0, enrolled: [id] });
  });

  it("for one use enrols one of ten machines that come at once", async () => {
    const { secret } = await make();
    const replies = await Promise.all(Array.from({ length: 10 }, () => enrol(secret, newId())));
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(replies.filter(({ status }) => status === 401)).toHaveLength(9);
    const count = await env.DB.prepare("SELECT uses_left FROM enrolment WHERE prefix = ?")
      .bind(secret.slice(0, 10))
      .first<number>("uses_left");
    expect(count).toBe(0);
  });

  it("for three uses enrols exactly three of ten", async () => {
    const { secret } = await make({ usesMax: 3 });
    const replies = await Promise.all(Array.from({ length: 10 }, () => enrol(secret, newId())));
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(3);
  });

  it("for one use takes an instance over: the token it had is refused from that moment", async () => {
    const id = newId();
    const first = await enrolled((await make()).secret, id);
    expect((await post(first.token, sample(id))).status).toBe(200);
    const again = await make({ instanceId: id });
    expect(await (await enrol(again.secret, newId())).json()).toMatchObject({ code: "token_of_another_instance" });
    const second = await enrolled(again.secret, id);
    expect((await post(first.token, sample(id))).status).toBe(401);
    expect((await post(second.token, sample(id))).status).toBe(200);
  });

  it("for many uses takes over no instance that has a token: it may be lying about in an image", async () => {
    const id = newId();
    const first = await enrolled((await make()).secret, id);
    const { secret } = await make({ usesMax: 5 });
    expect(await (await enrol(secret, id)).json()).toMatchObject({ code: "already_enrolled" });
    expect((await post(first.token, sample(id))).status).toBe(200);
    expect((await enrol(secret, newId())).status).toBe(201);
    const { enrolments } = await owner.json<{ enrolments: Enrolment[] }>("/api/enrolments");
    expect(enrolments.find((one) => one.usesMax === 5)).toMatchObject({ usesLeft: 4 });
  });

  it("says what it is for in sane bounds only", async () => {
    for (const [body, field] of [
      [{ usesMax: 0 }, "usesMax"],
      [{ usesMax: 1.5 }, "usesMax"],
      [{ usesMax: 1e9 }, "usesMax"],
      [{ expiresInHours: 0 }, "expiresInHours"],
      [{ expiresInHours: 1e6 }, "expiresInHours"],
      [{ label: "" }, "label"],
      [{ instanceId: "../etc" }, "instanceId"],
      [{ instanceId: "a", usesMax: 2 }, "usesMax"],
    ] as const) {
      const reply = await owner.fetch("/api/enrolments", { method: "POST", body: { label: "web", ...body } });
      expect(reply.status, JSON.stringify(body)).toBe(400);
      expect(await reply.json()).toMatchObject({ field });
    }
  });
});

describe("an agent's token", () => {
  it("reads nothing: every endpoint there is refuses it", async () => {
    const id = newId();
    const { token } = await enrolled((await make()).secret, id);
    await post(token, sample(id));
    for (const [name, { access }] of Object.entries(ENDPOINTS)) {
      if (access === "public" || access === "door") continue;
      const [method, path] = name.split(" ") as [string, string];
      const reply = await new Browser().fetch(path.replace(":id", id), {
        method,
        headers: { authorization: `Bearer ${token}` },
        ...(method !== "GET" && { body: "{}" }),
      });
      expect(reply.status, name).toBe(401);
    }
  });

  it("made for any sender binds to no instance that has a token, and its samples are not taken", async () => {
    const id = newId();
    const { token } = await enrolled((await make()).secret, id);
    expect((await post(token, sample(id))).status).toBe(200);
    const { secret } = await owner.newToken("stolen");
    const refused = await post(secret, sample(id, { stream: "another-stream" }));
    expect([refused.status, (await refused.json<ErrorReply>()).code]).toEqual([409, "already_enrolled"]);
    expect((await post(secret, sample(newId()))).status).toBe(200);
  });

  it("that is revoked is refused at once, though it was used a moment ago", async () => {
    const id = newId();
    const { token } = await enrolled((await make()).secret, id);
    expect((await post(token, sample(id))).status).toBe(200);
    const { tokens } = await owner.json<{ tokens: { id: string; instanceId: string }[] }>("/api/agent-tokens");
    const { id: tokenId } = tokens.find(({ instanceId }) => instanceId === id)!;
    await owner.json(`/api/agent-tokens/${tokenId}`, { method: "DELETE" }, 204);
    expect((await post(token, sample(id))).status).toBe(401);
  });

  it("that sends without end is told to wait, and no other is", async () => {
    const [loud, quiet] = [newId(), newId()];
    const [a, b] = [await enrolled((await make()).secret, loud), await enrolled((await make()).secret, quiet)];
    let reply = await post(a.token, envelope({ id: loud }));
    for (let i = 0; i < INGESTS_PER_TOKEN_PER_MINUTE_MAX && reply.status === 200; i++) {
      reply = await post(a.token, envelope({ id: loud }));
    }
    expect(reply.status).toBe(429);
    expect(Number(reply.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await post(b.token, sample(quiet))).status).toBe(200);
  });
});

describe("two machines with one token", () => {
  const from = (id: string, bootId: string, seq: number) =>
    envelope({
      id,
      stream: `stream-of-${bootId}`,
      instance: { id, name: id, bootId },
      samples: [{ seq, at: Date.now() + seq, metrics: { load_1m: seq } }],
    });
  const clonedAt = async (id: string) => (await owner.json<InstanceDetail>(`/api/instances/${id}`)).instance.clonedAt;

  it("are noticed when they take turns, and said once in the log", async () => {
    const id = newId();
    const { token } = await enrolled((await make()).secret, id);
    for (let round = 1; round <= 5; round++) {
      await post(token, from(id, "boot-a", round));
      await post(token, from(id, "boot-b", round));
    }
    expect(await clonedAt(id)).toBeGreaterThan(Date.now() - 60_000);
    const { entries } = await owner.json<{ entries: unknown[] }>(`/api/audit?action=agent.cloned&text=${id}`);
    expect(entries).toHaveLength(1);
  });

  it("are not seen in one machine that boots, however often", async () => {
    const id = newId();
    const { token } = await enrolled((await make()).secret, id);
    for (let boot = 1; boot <= 6; boot++) {
      for (let seq = 1; seq <= 3; seq++) await post(token, from(id, `boot-${boot}`, seq));
    }
    expect(await clonedAt(id)).toBeNull();
  });
});
