import { env } from "cloudflare:workers";
import { evictDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { CUSTOM_SERIES_PER_INSTANCE_MAX } from "../../contract/limits.ts";
import type { ErrorReply, IngestReply } from "../../contract/ingest.ts";
import type { NewAgentToken } from "../../contract/agents.ts";
import { envelope, fetchApp, Owner, post, storedSamples } from "../testing/people.ts";
import { ONLY_SHARD } from "./shard-of.ts";

let owner: Owner;
let names = 0;
/** A fresh instance and its token, so that no case sees another's history. */
async function agent(): Promise<{ id: string; token: NewAgentToken }> {
  const id = `instance-${++names}`;
  return { id, token: await owner.newToken(id) };
}
const onlyShard = () => env.FLEET.getByName(ONLY_SHARD);
const cpu = (value: number) => ({ cpu_busy_ratio: value });

beforeAll(async () => {
  owner = await Owner.signedIn();
});

describe("a sample that was answered", () => {
  it("waits for its block, and is called durable when that is in the database", async () => {
    const { id, token } = await agent();
    const now = Date.now();
    const reply = await post(token.secret, envelope({ id, samples: [{ seq: 1, at: now, metrics: cpu(0.5) }] }));
    expect(reply.status).toBe(200);
    expect(await reply.json<IngestReply>()).toMatchObject({
      durableSeq: 0,
      accepted: 1,
      repeated: 0,
      metricsIngested: 1,
    });
    expect(await storedSamples(id)).toEqual([{ at: now, stream: 1, seq: 1, metrics: cpu(0.5) }]);
    const again = await post(token.secret, envelope({ id, samples: [{ seq: 1, at: now, metrics: cpu(0.5) }] }));
    expect(await again.json<IngestReply>()).toMatchObject({ durableSeq: 1, accepted: 0, repeated: 1 });
  });

  it("is stored once, however often it is sent", async () => {
    const { id, token } = await agent();
    const body = envelope({
      id,
      samples: [1, 2, 3].map((seq) => ({ seq, at: Date.now() - 10_000 + seq, metrics: cpu(0.1) })),
    });
    const replies = await Promise.all([post(token.secret, body), post(token.secret, body), post(token.secret, body)]);
    const taken = await Promise.all(replies.map((reply) => reply.json<IngestReply>()));
    expect(taken.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(3);
    expect(await storedSamples(id)).toHaveLength(3);
  });

  it.each<[string, (id: string) => Promise<unknown>]>([
    ["the shard lost its memory", () => evictDurableObject(onlyShard())],
    ["it was written", () => onlyShard().flush()],
    [
      "it was written and the shard lost its memory",
      () =>
        onlyShard()
          .flush()
          .then(() => evictDurableObject(onlyShard())),
    ],
    [
      "its instance was renamed",
      (id) => owner.fetch(`/api/instances/${id}`, { method: "PATCH", body: { name: "new" } }),
    ],
  ])("is stored once when it is sent again after %s", async (_what, happens) => {
    const { id, token } = await agent();
    const at = Date.now();
    const both = [
      { seq: 7, at, metrics: cpu(0.1) },
      { seq: 8, at: at + 1000, metrics: cpu(0.2) },
    ];
    await post(token.secret, envelope({ id, samples: both.slice(0, 1) }));
    await happens(id);
    expect((await post(token.secret, envelope({ id, samples: both }))).status).toBe(200);
    expect((await storedSamples(id)).map(({ seq }) => seq)).toEqual([7, 8]);
    expect(await (await post(token.secret, envelope({ id, samples: both }))).json<IngestReply>()).toMatchObject({
      durableSeq: 8,
      accepted: 0,
      repeated: 2,
    });
  });

  it("is asked for again where the shard lost it and the sender does not begin with its oldest", async () => {
    const { id, token } = await agent();
    const at = Date.now() - 60_000;
    const sample = (seq: number) => ({ seq, at: at + seq * 1000, metrics: cpu(seq / 100) });
    await post(token.secret, envelope({ id, after: 0, oldest: true, samples: [sample(1), sample(2)] }));
    await evictDurableObject(onlyShard());
    const lost = await post(token.secret, envelope({ id, after: 2, samples: [sample(3)] }));
    expect(await lost.json<IngestReply>()).toMatchObject({ accepted: 0, resendAfter: 0 });
    const all = [1, 2, 3].map(sample);
    const found = await post(token.secret, envelope({ id, after: 0, oldest: true, samples: all }));
    expect(await found.json<IngestReply>()).toMatchObject({ accepted: 3 });
    expect((await storedSamples(id)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });
});

describe("streams", () => {
  it("takes a new stream from 1 again", async () => {
    const { id, token } = await agent();
    await post(token.secret, envelope({ id, samples: [{ seq: 90, at: Date.now() - 5000, metrics: cpu(0.1) }] }));
    const reply = await post(
      token.secret,
      envelope({ id, stream: "stream-0002", samples: [{ seq: 1, at: Date.now(), metrics: cpu(0.2) }] }),
    );
    expect(await reply.json<IngestReply>()).toMatchObject({ accepted: 1 });
    expect((await storedSamples(id)).map(({ stream, seq }) => [stream, seq])).toEqual([
      [1, 90],
      [2, 1],
    ]);
  });

  it("refuses with 409 a new number with an old time, and stores nothing of it", async () => {
    const { id, token } = await agent();
    const at = Date.now();
    await post(token.secret, envelope({ id, samples: [{ seq: 5, at, metrics: cpu(0.1) }] }));
    const reply = await post(token.secret, envelope({ id, samples: [{ seq: 6, at: at - 1000, metrics: cpu(0.2) }] }));
    expect(reply.status).toBe(409);
    expect(await reply.json<ErrorReply>()).toMatchObject({ code: "stream_conflict", field: "samples[0].at" });
    expect(await storedSamples(id)).toHaveLength(1);
  });

  it("answers a number from the past as repeated, and keeps what is stored", async () => {
    const { id, token } = await agent();
    const at = Date.now();
    await post(token.secret, envelope({ id, samples: [{ seq: 5, at, metrics: cpu(0.1) }] }));
    const reply = await post(token.secret, envelope({ id, samples: [{ seq: 4, at: at - 5, metrics: cpu(0.9) }] }));
    expect(await reply.json<IngestReply>()).toMatchObject({ accepted: 0, repeated: 1 });
    expect(await storedSamples(id)).toEqual([{ at, stream: 1, seq: 5, metrics: cpu(0.1) }]);
  });

  it("refuses with 409 a number from the past with a new time: its numbers went back", async () => {
    const { id, token } = await agent();
    const at = Date.now();
    await post(token.secret, envelope({ id, samples: [{ seq: 5, at, metrics: cpu(0.1) }] }));
    const reply = await post(token.secret, envelope({ id, samples: [{ seq: 1, at: at + 5, metrics: cpu(0.9) }] }));
    expect(reply.status).toBe(409);
    expect(await reply.json<ErrorReply>()).toMatchObject({ code: "stream_conflict" });
    expect(await storedSamples(id)).toHaveLength(1);
  });
});

describe("clocks", () => {
  it("stores at the server's time, and says so, when the agent's clock is days off", async () => {
    const { id, token } = await agent();
    const wrong = Date.parse("2001-01-01T00:00:00Z");
    const body = envelope({ id, sentAt: wrong, samples: [{ seq: 1, at: wrong - 2000, metrics: cpu(0.1) }] });
    const reply = await (await post(token.secret, body)).json<IngestReply>();
    expect(reply.clock?.message).toContain("behind");
    const [sample] = await storedSamples(id);
    expect(Math.abs(sample!.at - (Date.now() - 2000))).toBeLessThan(30_000);
    expect(await (await post(token.secret, body)).json<IngestReply>()).toMatchObject({ repeated: 1 });
  });

  it.each([
    ["2001-01-01T00:00:00Z", "days before"],
    ["2040-01-01T00:00:00Z", "later than"],
  ])("refuses a sample of %s from an agent whose clock is right", async (time, words) => {
    const { id, token } = await agent();
    const reply = await post(
      token.secret,
      envelope({ id, samples: [{ seq: 1, at: Date.parse(time), metrics: cpu(0.1) }] }),
    );
    expect(reply.status).toBe(400);
    expect(await reply.json<ErrorReply>()).toMatchObject({
      field: "samples[0].at",
      message: expect.stringContaining(words),
    });
    expect(await storedSamples(id)).toEqual([]);
  });
});

describe("custom metrics", () => {
  it("stores them under their own name", async () => {
    const { id, token } = await agent();
    await post(
      token.secret,
      envelope({ id, samples: [{ seq: 1, at: Date.now(), metrics: { "queue_depth:mail": -3 } }] }),
    );
    expect((await storedSamples(id))[0]!.metrics).toEqual({ "queue_depth:mail": -3 });
  });

  it("leaves out those above the cap, names them, and keeps the rest of the sample", async () => {
    const { id, token } = await agent();
    const many = Object.fromEntries(
      Array.from({ length: CUSTOM_SERIES_PER_INSTANCE_MAX + 5 }, (_, i) => [`custom_${i}`, i]),
    );
    const body = envelope({ id, samples: [{ seq: 1, at: Date.now(), metrics: { ...cpu(0.5), ...many } }] });
    const reply = await (await post(token.secret, body)).json<IngestReply>();
    expect(reply.customMetricsRefused).toHaveLength(5);
    expect(reply.metricsIngested).toBe(CUSTOM_SERIES_PER_INSTANCE_MAX + 1);
    expect(Object.keys((await storedSamples(id))[0]!.metrics)).toHaveLength(CUSTOM_SERIES_PER_INSTANCE_MAX + 1);
  });
});

describe("who may speak", () => {
  it("refuses a body without token, unread", async () => {
    const reply = await fetchApp("/ingest", { method: "POST", body: "{not json" });
    expect(reply.status).toBe(401);
    expect(await reply.json<ErrorReply>()).toMatchObject({ code: "token_missing", remedy: expect.any(String) });
  });

  it("refuses an unknown token", async () => {
    expect((await post(`nep_${"x".repeat(43)}`, envelope({}))).status).toBe(401);
    expect((await post("rubbish", envelope({}))).status).toBe(401);
  });

  it("refuses a revoked token at once, though it was good a moment ago", async () => {
    const { id, token } = await agent();
    expect(
      (await post(token.secret, envelope({ id, samples: [{ seq: 1, at: Date.now(), metrics: cpu(0.1) }] }))).status,
    ).toBe(200);
    expect((await owner.fetch(`/api/agent-tokens/${token.id}`, { method: "DELETE" })).status).toBe(204);
    const reply = await post(token.secret, envelope({ id, samples: [{ seq: 2, at: Date.now(), metrics: cpu(0.1) }] }));
    expect(reply.status).toBe(401);
    expect(await storedSamples(id)).toHaveLength(1);
  });

  it("holds a token to the first instance that sent a sample with it", async () => {
    const { id, token } = await agent();
    await post(token.secret, envelope({ id, samples: [{ seq: 1, at: Date.now(), metrics: cpu(0.1) }] }));
    const reply = await post(
      token.secret,
      envelope({ id: "somebody-else", samples: [{ seq: 1, at: Date.now(), metrics: cpu(0.1) }] }),
    );
    expect(reply.status).toBe(403);
    expect(await reply.json<ErrorReply>()).toMatchObject({ code: "token_of_another_instance", field: "instance.id" });
    expect(await storedSamples("somebody-else")).toEqual([]);
  });

  it("keeps only the hash of a token", async () => {
    const { token } = await agent();
    const { results } = await env.DB.prepare("SELECT * FROM agent_token").all();
    expect(JSON.stringify(results)).not.toContain(token.secret);
  });
});

describe("bad input", () => {
  const deep = "[".repeat(50) + "]".repeat(50);
  const bodies: [what: string, body: (id: string) => unknown, status: number, field: string | undefined][] = [
    ["malformed JSON", () => "{", 400, undefined],
    ["NaN", () => '{"protocol":"nephos/1","samples":[{"metrics":{"load_1m":NaN}}]}', 400, undefined],
    ["10 MB", () => `{"protocol":"${"x".repeat(10_000_000)}"}`, 413, undefined],
    ["deep nesting", () => `{"protocol":"nephos/1","x":${deep}}`, 400, undefined],
    ["another protocol", (id) => ({ ...envelope({ id }), protocol: "nephos/9" }), 400, "protocol"],
    ["a list", () => "[]", 400, "instanceId"],
    [
      "seq of the wrong type",
      (id) => envelope({ id, samples: [{ seq: "1" as never, at: 1, metrics: {} }] }),
      400,
      "samples[0].seq",
    ],
    [
      "a text for a number",
      (id) => envelope({ id, samples: [{ seq: 1, at: Date.now(), metrics: { load_1m: "high" as never } }] }),
      400,
      "samples[0].metrics.load_1m",
    ],
    [
      "a number out of range",
      (id) => envelope({ id, samples: [{ seq: 1, at: Date.now(), metrics: { cpu_busy_ratio: 1.5 } }] }),
      400,
      "samples[0].metrics.cpu_busy_ratio",
    ],
    [
      "1e999",
      (id) =>
        JSON.stringify(envelope({ id, samples: [{ seq: 1, at: Date.now(), metrics: { load_1m: 123456 } }] })).replace(
          "123456",
          "1e999",
        ),
      400,
      "samples[0].metrics.load_1m",
    ],
    [
      "a metric called __proto__",
      (id) =>
        JSON.stringify(envelope({ id, samples: [{ seq: 1, at: Date.now(), metrics: { load_1m: 1 } }] })).replace(
          "load_1m",
          "__proto__",
        ),
      400,
      "samples[0].metrics.__proto__",
    ],
    ["an id with control characters", () => envelope({ id: "a\u0000b" }), 400, "instance.id"],
    ["an id of 10 KB", () => envelope({ id: "x".repeat(10_000) }), 400, "instance.id"],
    [
      "numbers that do not grow",
      (id) => envelope({ id, samples: [2, 1].map((seq) => ({ seq, at: Date.now() - 1000 + seq, metrics: {} })) }),
      400,
      "samples[1].seq",
    ],
  ];
  it.each(bodies)(
    "answers %s with the field and the remedy, and stores nothing",
    async (_what, body, status, field) => {
      const { id, token } = await agent();
      const reply = await post(token.secret, body(id));
      expect(reply.status).toBe(status);
      const error = await reply.json<ErrorReply>();
      expect(error).toMatchObject({
        error: expect.any(String),
        code: expect.any(String),
        message: expect.any(String),
        remedy: expect.any(String),
      });
      expect(error.field).toBe(field);
      expect(JSON.stringify(error).length).toBeLessThan(1000);
      expect(await storedSamples(id)).toEqual([]);
      expect(await env.DB.prepare("SELECT 1 FROM instance WHERE id = ?").bind(id).first()).toBeNull();
    },
  );
});
