import { describe, expect, it, onTestFinished } from "vitest";
import type { ProviderKind, ProviderProblemCode } from "../../contract/providers.ts";
import type { Fault } from "../../tests/outside/cloud.ts";
import { listAll, sessionWith, startCloud } from "../testing/outside.ts";
import { PROVIDER_REGISTRY } from "./index.ts";
import { ProviderProblem, type Provider } from "./provider.ts";

/** Machines that do not fit into one page, and what makes a wrong key of the right one. */
const CLOUDS = [
  { kind: "vultr", several: 1_100, wrong: { apiKey: "NOTTHEKEY0123456789ABCDEFGHIJKLMNOPQ" } },
  { kind: "aws", several: 1_500, wrong: { secretAccessKey: "notTheSecret/K7MDENG+bPxRfiCYEXAMPLEKEY" } },
  { kind: "gcp", several: 1_100, wrong: { serviceAccount: '{ "type": "service_account" }' } },
  { kind: "digitalocean", several: 450, wrong: { token: "dop_v1_fedcba9876543210fedcba9876543210" } },
  {
    kind: "hetzner",
    several: 130,
    wrong: { token: "NotTheTokenZAEFSrCNEEzLCUwhYX1U3g7wMg4dTlkkDC96fyDuyJ39nVbVjCKSD" },
  },
] as const;

const PROBLEMS: [Fault["kind"], ProviderProblemCode][] = [
  ["key_refused", "key_refused"],
  ["no_rights", "rights_missing"],
  ["too_often", "rate_limited"],
  ["failing", "unavailable"],
  ["silent", "unavailable"],
  ["cut", "unavailable"],
  ["html", "not_understood"],
  ["hollow", "not_understood"],
  ["stuck_cursor", "not_understood"],
];

describe.each(CLOUDS)("the provider $kind", ({ kind, several, wrong }) => {
  const provider = PROVIDER_REGISTRY[kind] as Provider<ProviderKind>;

  async function cloudOf(count: number) {
    const cloud = await startCloud(kind, count);
    onTestFinished(async () => expect((await cloud.told()).complaints).toEqual([]));
    return cloud;
  }

  async function problemOf(asked: Promise<unknown>): Promise<ProviderProblem> {
    const problem = await asked.then(
      () => null,
      (error: unknown) => error,
    );
    expect(problem).toBeInstanceOf(ProviderProblem);
    return problem as ProviderProblem;
  }

  it("lists every machine once, over several pages, and ends", async () => {
    const cloud = await cloudOf(several);
    const { instances, unlisted, pages } = await listAll(provider, sessionWith(cloud));
    expect(pages).toBeGreaterThan(1);
    expect(pages).toBeLessThan(1_000);
    expect(unlisted).toEqual([]);
    expect(instances.map(({ id }) => id).sort()).toEqual(cloud.machines.map(({ id }) => id).sort());
    expect(instances.every(({ id, name }) => typeof id === "string" && id !== "" && name !== "")).toBe(true);
  });

  it("tells of a machine what the cloud tells", async () => {
    const cloud = await cloudOf(60);
    const { instances } = await listAll(provider, sessionWith(cloud));
    for (const { id, name, state, address, region, plan } of cloud.machines) {
      const found = instances.find((instance) => instance.id === id);
      const isRunning = state === "running";
      expect(found).toMatchObject({ region, plan, status: isRunning ? "running" : "stopped" });
      if (name !== "") expect(found?.name).toBe(name);
      if (isRunning) expect(found?.publicAddresses[0]).toBe(address);
    }
  });

  it("sees what has changed, and what is gone", async () => {
    const cloud = await cloudOf(5);
    const [first, second] = [cloud.machines[0]!, cloud.machines[1]!];
    await cloud.order({ add: 1, remove: [first.id], change: { [second.id]: { name: "renamed", state: "stopped" } } });
    const { instances } = await listAll(provider, sessionWith(cloud));
    expect(instances).toHaveLength(5);
    expect(instances.some(({ id }) => id === first.id)).toBe(false);
    expect(instances.find(({ id }) => id === second.id)).toMatchObject({ name: "renamed", status: "stopped" });
  });

  it("finds nothing where there is nothing", async () => {
    const { instances, unlisted } = await listAll(provider, sessionWith(await cloudOf(0)));
    expect({ instances, unlisted }).toEqual({ instances: [], unlisted: [] });
  });

  it("asks no more in a page than it says", async () => {
    const cloud = await cloudOf(several);
    let requests = 0;
    const session = sessionWith(cloud, { spend: () => requests++ });
    let from: string | null = null;
    do {
      requests = 0;
      ({ next: from } = await provider.page(session, from));
      expect(requests).toBeLessThanOrEqual(provider.requestsPerPage);
    } while (from !== null);
  });

  it("goes on in another event, which remembers nothing, where it stopped", async () => {
    const cloud = await cloudOf(several);
    const ids: string[] = [];
    let from: string | null = null;
    do {
      const page = await provider.page(sessionWith(cloud), from);
      ids.push(...page.instances.map(({ id }) => id));
      from = page.next;
    } while (from !== null);
    expect(ids.sort()).toEqual(cloud.machines.map(({ id }) => id).sort());
  });

  it("ends with the error of who counts the requests", async () => {
    const cloud = await cloudOf(1);
    const spent = new Error("spent");
    const session = sessionWith(cloud, {
      spend: () => {
        throw spent;
      },
    });
    await expect(provider.page(session, null)).rejects.toBe(spent);
    expect((await cloud.told()).asked).toEqual({});
  });

  it("carries nothing away but what it names", async () => {
    const cloud = await cloudOf(60);
    const { instances } = await listAll(provider, sessionWith(cloud));
    const carried = JSON.stringify(instances);
    for (const secret of [...cloud.secrets, ...Object.values(cloud.credentials).filter((value) => value !== kind)]) {
      if (typeof secret === "string") expect(carried).not.toContain(secret);
    }
    expect(carried).not.toMatch(/kvm|password|metadata|user.?data/i);
  });

  it("says of a key that is wrong that it is refused", async () => {
    const cloud = await cloudOf(1);
    const session = { ...sessionWith(cloud), credentials: { ...cloud.credentials, ...wrong } };
    const { code, message } = await problemOf(provider.page(session, null));
    expect(code).toBe("key_refused");
    for (const secret of Object.values(wrong)) expect(message).not.toContain(secret);
  });

  it.each(PROBLEMS)("makes of %s the problem %s, with a remedy", async (fault, expected) => {
    const cloud = await cloudOf(several);
    await cloud.order({ fault: { kind: fault } });
    const { code, message, remedy } = await problemOf(
      listAll(provider, sessionWith(cloud, { timeoutMs: fault === "silent" ? 50 : 5_000 })),
    );
    expect(code).toBe(expected);
    for (const words of [message, remedy]) {
      expect(words).toMatch(/^[A-Z].{20,}[.?]$/);
      expect(words).not.toMatch(/<|Just a moment|undefined|\[object/);
    }
  });

  it("waits as long as it is told to, and lists all the same", async () => {
    const cloud = await cloudOf(3);
    await cloud.order({ fault: { kind: "too_often", times: 1, retryAfter: "2" } });
    const session = sessionWith(cloud);
    expect((await listAll(provider, session)).instances).toHaveLength(3);
    expect(session.waits).toEqual([2_000]);
  });

  it("gives up where it is to wait for long", async () => {
    const cloud = await cloudOf(3);
    await cloud.order({ fault: { kind: "too_often", retryAfter: "600" } });
    const session = sessionWith(cloud);
    expect((await problemOf(provider.page(session, null))).code).toBe("rate_limited");
    expect(session.waits).toEqual([]);
  });
});
