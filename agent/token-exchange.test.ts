import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { enrolRequestSchema } from "../contract/agents.ts";
import { ManualClock } from "./clock-for-tests.ts";
import { grant, newEnrolmentToken, newOwnToken, reply, startEdge, type Edge } from "./edge-for-tests.ts";
import type { Log } from "./log.ts";
import { exchangeToken } from "./token-exchange.ts";

const token = newEnrolmentToken();
let edge: Edge;
beforeEach(async () => void (edge = await startEdge({ enrolmentToken: token })));
afterEach(() => edge.close());

/** Time passes as fast as the exchange waits for it, so that what is tested is how long it would have taken. */
class HastyClock extends ManualClock {
  readonly waitedMs: number[] = [];
  override after = (delayMs: number, run: () => void) => {
    this.waitedMs.push(delayMs);
    this.monotonic += delayMs;
    setImmediate(run);
    return () => undefined;
  };
}

async function attempt(enrolUrl = `${edge.url}/enrol`) {
  const clock = new HastyClock();
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const log: Log = { info: write, warn: write, debug: write };
  const instance = { id: "i-1", name: "web-1" };
  const outcome = await exchangeToken({ enrolUrl, token, version: "0.1.0", instance }, clock, log);
  return { outcome, lines, waitedMs: clock.waitedMs };
}

const refusal =
  (status: number, code: string, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    reply(response, status, { error: "E", code, message: "No, because.", field: "f", remedy: "Do so." }, headers);

describe("the exchange of an enrolment token", () => {
  it("says which instance this is, in the words of the wire, and brings the agent's own token", async () => {
    let body: unknown;
    edge.enrolAnswers.push((response, request) => {
      body = request;
      grant(response, request, own);
    });
    const own = newOwnToken();
    expect((await attempt()).outcome).toEqual({ kind: "enrolled", token: own });
    expect(body).toEqual({ instance: { id: "i-1", name: "web-1" } });
    expect(enrolRequestSchema.parse(body)).toEqual(body);
    expect(edge.requests).toEqual([{ method: "POST", path: "/enrol", authorization: `Bearer ${token}` }]);
  });

  it.each([
    [401, "token_unknown"],
    [403, "token_of_another_instance"],
    [409, "already_enrolled"],
    [400, "invalid_field"],
  ])("hands on message and remedy of %d %s, and does not ask again", async (status, code) => {
    edge.enrolAnswers.push(refusal(status, code));
    const { outcome } = await attempt();
    expect(outcome).toEqual({ kind: "failed", why: `${status} ${code}: No, because. Do so` });
    expect(edge.requests).toHaveLength(1);
  });

  it.each([
    ["429 for as long as it says", refusal(429, "too_many", { "retry-after": "7" }), 7_000],
    ["503 for as long as it says", refusal(503, "too_busy", { "retry-after": "5" }), 5_000],
    ["500 for a moment", refusal(500, "internal"), 1_000],
    ["a cut connection for a moment", (response: ServerResponse) => void response.socket?.destroy(), 1_000],
  ])("waits after %s, and then is enrolled", async (_, answer, waitMs) => {
    edge.enrolAnswers.push(answer);
    const { outcome, waitedMs, lines } = await attempt();
    expect(outcome.kind).toBe("enrolled");
    expect(waitedMs).toHaveLength(1);
    expect(waitedMs[0]).toBeGreaterThanOrEqual(waitMs);
    expect(waitedMs[0]).toBeLessThan(waitMs + 2_000);
    expect(lines.join()).not.toContain(token);
  });

  it("gives up within half a minute, however long it is told to wait", async () => {
    edge.enrolAnswers.push(refusal(429, "too_many", { "retry-after": "3600" }));
    const { outcome, waitedMs } = await attempt();
    expect(outcome).toMatchObject({
      kind: "failed",
      why: expect.stringMatching(/^It answered 429.*Try again in 3600 s$/),
    });
    expect(waitedMs).toEqual([]);
    edge.enrolAnswers.push(...Array.from({ length: 50 }, () => refusal(503, "too_busy", { "retry-after": "4" })));
    const slow = await attempt();
    expect(slow.outcome.kind).toBe("failed");
    expect(slow.waitedMs.length).toBeGreaterThan(2);
    expect(slow.waitedMs.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(20_000);
  });

  it("says what to do when an answer was lost and the token is used up now", async () => {
    edge.enrolAnswers.push((response) => {
      edge.enrolled.push({ id: "i-1", token: newOwnToken() });
      response.socket?.destroy();
    });
    const { outcome } = await attempt();
    expect(outcome).toMatchObject({
      kind: "failed",
      why: expect.stringMatching(/^401 token_unknown: .*may have used the token up: make a new install line/),
    });
  });

  it("says that it may be used up when it ends without an answer, and does not where nobody was reached", async () => {
    edge.enrolAnswers.push(...Array.from({ length: 20 }, () => (response: ServerResponse) => response.destroy()));
    expect((await attempt()).outcome).toMatchObject({ why: expect.stringContaining("this attempt used it up") });
    expect((await attempt("http://127.0.0.1:9/enrol")).outcome).toMatchObject({
      why: expect.stringMatching(/ECONNREFUSED.*Try again later$/),
    });
  });

  it.each([301, 302, 303, 307, 308])("does not carry the token to where a %d points", async (status) => {
    const elsewhere = await startEdge();
    edge.enrolAnswers.push((response) => reply(response, status, {}, { location: `${elsewhere.url}/enrol` }));
    const { outcome } = await attempt();
    await elsewhere.close();
    expect(outcome).toMatchObject({ kind: "failed", why: expect.stringContaining("NEPHOS_ENDPOINT") });
    expect(elsewhere.requests).toEqual([]);
  });

  it.each([
    ["no token", { instanceId: "i-1", enrolledAt: 1 }],
    ["an enrolment token", { instanceId: "i-1", token: newEnrolmentToken(), enrolledAt: 1 }],
    ["more than a token", { instanceId: "i-1", token: `${newOwnToken()}\nHEALTH_ENDPOINT=http://x`, enrolledAt: 1 }],
    ["the token of another instance", { instanceId: "i-2", token: newOwnToken(), enrolledAt: 1 }],
    ["something else altogether", ["hello"]],
  ])("takes an answer with %s for one that is not of Nephos", async (_, body) => {
    edge.enrolAnswers.push((response) => reply(response, 201, body));
    expect((await attempt()).outcome).toMatchObject({ kind: "failed", why: expect.stringContaining("not as Nephos") });
  });
});
