import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { orderFor, startHealthEndpoints } from "../testing/health-endpoints.ts";
import type { ProbeOrder } from "./probe.ts";
import type { RegionalProber, RegionOrder } from "./regional-prober.ts";

let outside: Awaited<ReturnType<typeof startHealthEndpoints>>;
beforeAll(async () => {
  outside = await startHealthEndpoints();
  await outside.set("/good", { does: "answer" });
  await outside.set("/slow", { does: "answer", ms: 200 });
  await outside.set("/never", { does: "never" });
  await outside.set("/503", { does: "answer", status: 503 });
});

const http = (url: string, timeoutMs = 2_000): ProbeOrder => ({
  ...orderFor(
    {
      kind: "http",
      url,
      method: "GET",
      body: null,
      expectStatus: [[200, 399]],
      keyword: null,
      json: null,
      redirects: "follow",
    },
    timeoutMs,
  ),
  checkId: `check:${new URL(url).pathname}`,
});
const tcp = (port: number): ProbeOrder => orderFor({ kind: "tcp", host: "127.0.0.1", port });

function report(orders: ProbeOrder[], more: Partial<RegionOrder> = {}) {
  const prober = env.PROBER.get(env.PROBER.idFromName("weur")) as unknown as DurableObjectStub<RegionalProber>;
  return prober.probe({ region: "weur", orders, budgetMs: 10_000, controls: [], ...more });
}

describe("a prober", () => {
  it("answers in the order in which it was asked, whoever was slow", async () => {
    const { region, results } = await report([
      http(outside.byName("/slow")),
      tcp(outside.ports.closed),
      http(outside.byAddress("/503")),
      http(outside.byName("/good")),
    ]);
    expect(region).toBe("weur");
    expect(results.map(({ kind, checkId }) => [kind, checkId])).toEqual([
      ["good", "check:/slow"],
      ["failed", "check:1"],
      ["failed", "check:/503"],
      ["good", "check:/good"],
    ]);
  });

  it("looks at six at once, and no more", async () => {
    const { busyMs, results } = await report(Array.from({ length: 12 }, () => http(outside.byName("/slow"))));
    expect(results.every(({ kind }) => kind === "good")).toBe(true);
    // One after the other it would be 2,400.
    expect(busyMs).toBeGreaterThanOrEqual(400);
    expect(busyMs).toBeLessThan(2_000);
  });

  it("is not held up by what is slow, beyond its own time", async () => {
    const others = Array.from({ length: 30 }, () => http(outside.byName("/good")));
    const { results, at } = await report([http(outside.byName("/never"), 1_500), ...others]);
    expect(results[0]).toMatchObject({ kind: "failed", failure: "timeout" });
    for (const result of results.slice(1)) {
      expect(result.kind).toBe("good");
      expect(result.at - at).toBeLessThan(1_500);
    }
  });

  it("begins nothing for which its time may not suffice, and says so", async () => {
    const orders = Array.from({ length: 8 }, () => http(outside.byName("/never"), 200));
    const { results, busyMs } = await report(orders, { budgetMs: 300 });
    expect(results.map(({ kind }) => kind)).toEqual([...Array<string>(6).fill("failed"), "unable", "unable"]);
    expect(results[7]!.words).toBe("no time was left");
    expect(busyMs).toBeLessThan(1_000);
  });

  it("does not take what breaks on its own side for a failure of the target", async () => {
    const broken = { ...tcp(outside.ports.silent), target: { kind: "none" } as unknown as ProbeOrder["target"] };
    const { results } = await report([broken, http(outside.byName("/good"))]);
    expect(results[0]).toMatchObject({ kind: "unable", words: expect.stringMatching(/^was not looked at: our own/) });
    expect(results[1]!.kind).toBe("good");
  });

  it("does not ask what may not be asked any more", async () => {
    await outside.set("/private", { does: "answer" });
    const { results } = await report([{ ...http(outside.byAddress("/private")), allowsPrivate: false }]);
    expect(results[0]).toMatchObject({
      kind: "unable",
      words: expect.stringContaining("may not be asked: 127.0.0.1 is"),
    });
    expect(await outside.received("/private")).toEqual([]);
  });
});

describe("a region", () => {
  const dead = () => [http(outside.byName("/never"), 200), tcp(outside.ports.closed)];
  const isBlind = async (orders: ProbeOrder[], controls: string[]) => (await report(orders, { controls })).isBlind;
  const nobody = () => `http://localhost:${outside.ports.closed}/`;

  it("is blind where nobody answers, not even a control", async () => {
    expect(await isBlind(dead(), [nobody()])).toBe(true);
    expect(await isBlind(dead(), [nobody(), outside.byName("/503")])).toBe(false);
  });

  it("does not take for a control's answer what Cloudflare says in its place", async () => {
    await outside.set("/edge", { does: "answer", status: 522, headers: { server: "cloudflare" } });
    expect(await isBlind(dead(), [outside.byName("/edge")])).toBe(true);
    expect(await isBlind([...dead(), http(outside.byName("/edge"))], [nobody()])).toBe(true);
  });

  it("is not blind where somebody was heard, if only to say that it is not well", async () => {
    expect(await isBlind([...dead(), http(outside.byName("/503"))], [nobody()])).toBe(false);
    expect(await isBlind([...dead(), http(outside.byAddress("/never"), 200)], [nobody()])).toBe(false);
    expect(await isBlind([...dead(), tcp(outside.ports.silent)], [nobody()])).toBe(false);
  });

  it("takes nothing for a failure that came after the last that was heard, where no control answers then", async () => {
    const orders = [http(outside.byName("/good")), http(outside.byName("/slow")), tcp(outside.ports.closed)];
    const kinds = async (controls: string[], ports: ProbeOrder[]) =>
      (await report(ports, { controls })).results.map(({ kind }) => kind);
    // The port answers at once, the slow page after it: the network was there all the time.
    expect(await kinds([nobody()], orders)).toEqual(["good", "good", "failed"]);
    const cut = [http(outside.byName("/good")), http(outside.byName("/never"), 300)];
    expect(await kinds([nobody()], cut)).toEqual(["good", "unable"]);
    expect(await kinds([outside.byName("/good")], cut)).toEqual(["good", "failed"]);
  });

  it("is not blind where there is nobody to ask, or nothing has failed", async () => {
    expect(await isBlind(dead(), [])).toBe(false);
    expect(await isBlind([], [nobody()])).toBe(false);
    expect((await report(dead(), { controls: [nobody()], budgetMs: 0 })).isBlind).toBe(false);
  });
});
