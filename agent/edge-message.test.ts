import { describe, expect, it } from "vitest";
import type { EdgeMessage } from "../contract/agent-link.ts";
import { parseEdgeMessage } from "./edge-message.ts";

const MESSAGES: EdgeMessage[] = [
  { type: "welcome", protocol: "nephos/1", serverAt: 1_800_000_000_000 },
  { type: "durable", stream: "stream-a", durableSeq: 7 },
  { type: "resend", stream: "stream-a", after: 0 },
  { type: "watch", intervalMs: 1_000, forMs: 300_000 },
  { type: "watch", intervalMs: null, forMs: 0 },
  { type: "config", samplesPerMessage: 4 },
  { type: "notice", about: "clock", message: "Your clock is wrong" },
  { type: "error", error: "Bad Request", code: "invalid_field", message: "m", field: "samples[0].at", remedy: "r" },
  { type: "error", error: "Conflict", code: "stream_conflict", message: "m", stream: "stream-a", seq: 3 },
];

describe("what the edge says", () => {
  it.each(MESSAGES)("is understood: $type", (message) => {
    expect(parseEdgeMessage(JSON.stringify(message))).toEqual(message);
  });

  it.each(MESSAGES)("is read no further than its fields: $type", (message) => {
    const more = `{"__proto__":{"owned":true},"exec":"touch owned","url":"http://x","constructor":1,${JSON.stringify(message).slice(1)}`;
    const parsed = parseEdgeMessage(more)!;
    expect(parsed).toStrictEqual(message);
    expect("owned" in parsed).toBe(false);
  });

  it.each([
    "",
    "null",
    "[]",
    "[".repeat(50_000),
    '{"type":"run"}',
    '{"type":["durable"]}',
    '{"type":"durable","stream":"stream-a","durableSeq":-1}',
    '{"type":"durable","stream":"stream-a","durableSeq":1e300}',
    '{"type":"durable","stream":"../../etc/passwd","durableSeq":1}',
    '{"type":"durable","stream":["stream-a"],"durableSeq":1}',
    '{"type":"resend","stream":"stream-a","after":"0"}',
    '{"type":"watch","intervalMs":"1","forMs":1}',
    '{"type":"watch","intervalMs":1,"forMs":-1}',
    '{"type":"notice","about":"you","message":"m"}',
    '{"type":"notice","about":"clock","message":{}}',
  ])("is nothing where it is %.60s", (text) => {
    expect(parseEdgeMessage(text)).toBeUndefined();
  });

  it.each([
    [0, 1],
    [-5, 1],
    ["9", 1],
    [1.5, 1],
    [20, 20],
    [1e9, 20],
  ])("%j samples to gather are %d", (samplesPerMessage, gathered) => {
    const message = parseEdgeMessage(JSON.stringify({ type: "config", samplesPerMessage }));
    expect(message).toEqual({ type: "config", samplesPerMessage: gathered });
  });

  it("is cut where its words are long", () => {
    const long = { type: "error", message: "x".repeat(60_000), remedy: "y".repeat(60_000), field: {}, code: 7 };
    const message = parseEdgeMessage(JSON.stringify(long))!;
    expect(JSON.stringify(message).length).toBeLessThan(800);
    expect(message).not.toHaveProperty("field");
  });
});
