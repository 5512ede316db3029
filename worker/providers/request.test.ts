import { describe, expect, it } from "vitest";
import { PROVIDER_API_ANSWER_BYTES_MAX, PROVIDER_API_ATTEMPTS } from "../settings.ts";
import { sessionWith, startCloud } from "../testing/outside.ts";
import type { Fault } from "../../tests/outside/cloud.ts";
import { ProviderProblem } from "./provider.ts";
import type { Answer } from "./request.ts";

/** One request to a cloud at which this is wrong, and what became of it. */
async function asked(fault: Fault | null, isTooOften?: (answer: Answer) => boolean) {
  const cloud = await startCloud("vultr", 1);
  await cloud.order({ fault });
  let spent = 0;
  let made = 0;
  const session = sessionWith(cloud, { spend: () => spent++, timeoutMs: fault?.kind === "silent" ? 50 : 5_000 });
  const { apiKey } = cloud.credentials;
  const request = () => {
    made++;
    return new Request(`${cloud.url}/v2/instances`, { headers: { authorization: `Bearer ${apiKey}` } });
  };
  const outcome = await session.ask(request, isTooOften).catch((error: unknown) => error as ProviderProblem);
  const { asked: came, complaints } = await cloud.told();
  const problem = outcome instanceof ProviderProblem ? outcome.code : null;
  return { outcome, problem, spent, made, came: came["GET /v2/instances"], waits: session.waits, complaints };
}

describe("asking a provider's API", () => {
  it("takes an answer at the first attempt, and says who asks", async () => {
    const { outcome, came, waits, complaints } = await asked(null);
    expect(outcome).toMatchObject({ status: 200, json: { instances: [{ label: "web-0" }] } });
    expect({ came, waits, complaints }).toEqual({ came: 1, waits: [], complaints: [] });
  });

  it("takes a refusal as an answer", async () => {
    const { outcome, came } = await asked({ kind: "no_rights" });
    expect(outcome).toMatchObject({ status: 403, json: { error: "Forbidden" } });
    expect(came).toBe(1);
  });

  it.each<[Fault, string]>([
    [{ kind: "too_often" }, "rate_limited"],
    [{ kind: "failing" }, "unavailable"],
    [{ kind: "failing", status: 503 }, "unavailable"],
    [{ kind: "cut" }, "unavailable"],
    [{ kind: "silent" }, "unavailable"],
  ])("tries %o again, each time anew and paid for, and then gives up", async (fault, code) => {
    const { problem, spent, made, came, waits } = await asked(fault);
    expect(problem).toBe(code);
    expect({ spent, made, came }).toEqual({
      spent: PROVIDER_API_ATTEMPTS,
      made: PROVIDER_API_ATTEMPTS,
      came: PROVIDER_API_ATTEMPTS,
    });
    // Half of each possible while: `random` says so.
    expect(waits).toEqual([500, 1_000]);
  });

  it("is content where a second attempt succeeds", async () => {
    const { outcome, came, waits } = await asked({ kind: "failing", times: 1 });
    expect(outcome).toMatchObject({ status: 200 });
    expect({ came, waits }).toEqual({ came: 2, waits: [500] });
  });

  it.each([
    ["seconds", "3", [3_000]],
    ["no time at all", "0", [0]],
    ["words", "soon", [500]],
    ["a date that has been", "Wed, 21 Oct 2015 07:28:00 GMT", [0]],
  ])("waits as Retry-After says, in %s", async (_how, retryAfter, expected) => {
    const { outcome, waits } = await asked({ kind: "too_often", times: 1, retryAfter });
    expect(outcome).toMatchObject({ status: 200 });
    expect(waits).toEqual(expected);
  });

  it("waits until a date, by the clock of who names it", async () => {
    const { waits } = await asked({ kind: "failing", status: 503, times: 1, retryAfterDate: 4 });
    expect(waits).toEqual([4_000]);
  });

  it("leaves for the next tick what is to wait longer", async () => {
    const { problem, came, waits } = await asked({ kind: "too_often", retryAfter: "6" });
    expect({ problem, came, waits }).toEqual({ problem: "rate_limited", came: 1, waits: [] });
  });

  it("knows a refusal for the rate by what it is told to look for", async () => {
    const { problem, came } = await asked({ kind: "no_rights" }, ({ text }) => text.includes("Forbidden"));
    expect({ problem, came }).toEqual({ problem: "rate_limited", came: PROVIDER_API_ATTEMPTS });
  });

  it("stops reading an answer that is too large", async () => {
    const { problem, came } = await asked({ kind: "endless", bytes: PROVIDER_API_ANSWER_BYTES_MAX + 1 });
    expect({ problem, came }).toEqual({ problem: "not_understood", came: 1 });
  });

  it("does not follow where it is sent elsewhere", async () => {
    const { outcome, came } = await asked({ kind: "moved" });
    expect(outcome).toMatchObject({ status: 302 });
    expect(came).toBe(1);
  });

  it("says that nobody answers where nobody listens", async () => {
    const session = sessionWith(await startCloud("vultr"));
    const nobody = session.ask(() => new Request("http://127.0.0.1:1/"));
    await expect(nobody).rejects.toMatchObject({ code: "unavailable" });
  });
});
