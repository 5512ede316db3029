import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ingestEnvelopeSchema, type Sample } from "../contract/ingest.ts";
import { BODY_BYTES_MAX } from "../contract/limits.ts";
import { reply, refuse, startEdge, type Edge } from "./edge-for-tests.ts";
import { exchange } from "./http-request.ts";
import { envelopeOf, fittingBatch, send, type Outcome } from "./sender.ts";

let edge: Edge;
beforeEach(async () => void (edge = await startEdge({ token: "nep_right" })));
afterEach(() => edge.close());

const sample = (seq: number): Sample => ({ seq, at: 1_800_000_000_000 + seq, metrics: { load_1m: 1 } });
const envelope = envelopeOf(
  "0.1.0",
  { id: "i-1" },
  { stream: "stream-1", samples: [sample(1)] },
  1_800_000_000_002,
  30_000,
);
const sendWith = (token = "nep_right"): Promise<Outcome> =>
  send({ ingestUrl: `${edge.url}/ingest`, token, version: "0.1.0" }, envelope, 1_800_000_000_000);

describe("sending", () => {
  it("posts an envelope the wire takes, with the token as bearer, and hears what is durable", async () => {
    expect(await sendWith()).toMatchObject({ kind: "taken", reply: { durableSeq: 1, metricsIngested: 1 } });
    expect(edge.requests[0]).toEqual({ method: "POST", path: "/ingest", authorization: "Bearer nep_right" });
    expect(ingestEnvelopeSchema.parse(edge.envelopes[0])).toEqual(envelope);
  });

  it("keeps one connection for all its envelopes", async () => {
    const ports = new Set<number | undefined>();
    for (let count = 0; count < 3; count++) {
      edge.answers.push((response) => {
        ports.add(response.socket?.remotePort);
        reply(response, 200, { durableSeq: 1 });
      });
      await sendWith();
    }
    expect(ports.size).toBe(1);
  });

  it("tries once more on a new connection when the idle one was closed in that moment", async () => {
    await sendWith();
    edge.answers.push((response) => response.socket?.destroy());
    expect(await sendWith()).toMatchObject({ kind: "taken" });
  });

  it("says what to do about a wrong token", async () => {
    const outcome = await sendWith("nep_wrong");
    expect(outcome).toMatchObject({
      kind: "locked",
      why: expect.stringMatching(/401: This token is not known.*NEPHOS_TOKEN/),
    });
    expect(JSON.stringify(outcome)).not.toContain("nep_wrong");
  });

  const answer =
    (status: number, body: object = {}, headers: Record<string, string> = {}) =>
    (response: ServerResponse) =>
      reply(response, status, body, headers);
  it.each([
    ["429 with Retry-After", answer(429, {}, { "retry-after": "9" }), { kind: "away", retryAfterMs: 9_000 }],
    ["503", answer(503), { kind: "away", retryAfterMs: 0 }],
    ["403", answer(403), { kind: "locked" }],
    ["404", answer(404), { kind: "locked", why: expect.stringContaining("NEPHOS_ENDPOINT") }],
    ["a redirect", answer(302, {}, { location: "https://elsewhere.example" }), { kind: "locked" }],
    ["200 from something else", answer(200, { hello: 1 }), { kind: "locked" }],
    ["400 about a sample", answer(400, { message: "bad", field: "samples[0].at" }), { kind: "refused" }],
    ["413", answer(413), { kind: "refused" }],
    ["422 about the instance", answer(422, { field: "instance.name" }), { kind: "locked" }],
    ["409", answer(409, { code: "other" }), { kind: "refused" }],
    ["409 stream_conflict", answer(409, { code: "stream_conflict" }), { kind: "stream-conflict" }],
  ])("understands %s", async (_, respond, outcome) => {
    edge.answers.push(respond);
    expect(await sendWith()).toMatchObject(outcome);
  });

  it("hands on the server's message, field and remedy", async () => {
    edge.answers.push((response) =>
      reply(response, 422, {
        message: "must be a finite number",
        field: "samples[0].metrics.x",
        remedy: "Leave it out",
      }),
    );
    expect(await sendWith()).toMatchObject({
      why: "It answered 422: must be a finite number. field samples[0].metrics.x. Leave it out",
    });
  });

  it("takes an answer cut off in the middle as no answer", async () => {
    edge.answers.push((response) => {
      response.writeHead(200, { "content-length": "500" });
      response.write("{", () => response.socket?.destroy());
    });
    expect(await sendWith()).toMatchObject({ kind: "away" });
  });

  it("does not read an answer without end", async () => {
    edge.answers.push((response) => response.writeHead(200).end("x".repeat(200_000)));
    expect(await sendWith()).toMatchObject({ kind: "away", why: expect.stringContaining("longer than 64000 bytes") });
  });

  it("takes nobody there as away", async () => {
    const nobody = { ingestUrl: "http://127.0.0.1:9/ingest", token: "t", version: "0" };
    expect(await send(nobody, envelope, 0)).toMatchObject({
      kind: "away",
      why: expect.stringContaining("ECONNREFUSED"),
    });
  });

  it("gives up on a server that does not finish in time", async () => {
    edge.answers.push((response) => response.writeHead(200).write("{"));
    const slow = exchange({
      url: `${edge.url}/ingest`,
      method: "POST",
      headers: { authorization: "Bearer nep_right" },
      body: JSON.stringify(envelope),
      timeoutMs: 60,
      replyBytesMax: 100,
    });
    await expect(slow).rejects.toThrow("no whole answer within 0.06 s");
  });
});

describe("an envelope", () => {
  it("holds at most a hundred samples", () => {
    const samples = Array.from({ length: 150 }, (_, index) => sample(index + 1));
    expect(fittingBatch({ stream: "s", samples }).samples).toHaveLength(100);
  });

  it("stays under the largest body the edge takes", () => {
    const metrics = Object.fromEntries(
      Array.from({ length: 500 }, (_, index) => [
        `disk_read_bytes_per_second:${index}${"x".repeat(60)}`,
        12345.678901234567,
      ]),
    );
    const samples = Array.from({ length: 100 }, (_, index) => ({ seq: index + 1, at: index, metrics }));
    const batch = fittingBatch({ stream: "s", samples });
    expect(JSON.stringify(batch).length).toBeLessThan(BODY_BYTES_MAX);
    expect(batch.samples.length).toBeGreaterThan(10);
  });
});

it("the edge these tests use refuses as the protocol says", async () => {
  edge.answers.push((response) => refuse(response, 400, "bad", "no"));
  expect(await sendWith()).toMatchObject({ kind: "refused", why: "It answered 400: no" });
});
