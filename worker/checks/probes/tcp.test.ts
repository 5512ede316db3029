import { beforeAll, describe, expect, it } from "vitest";
import { noResolver, orderFor, startHealthEndpoints } from "../../testing/health-endpoints.ts";
import { resolvingWith } from "./dns.ts";
import { probeTcp } from "./tcp.ts";
import { unconnected } from "./unconnected.ts";

let outside: Awaited<ReturnType<typeof startHealthEndpoints>>;
beforeAll(async () => {
  outside = await startHealthEndpoints();
});

const look = (port: number, host = "127.0.0.1") => probeTcp(orderFor({ kind: "tcp", host, port }), noResolver);

describe("a TCP probe", () => {
  it.each(["127.0.0.1", "localhost"])("tells an open port from a closed one at %s", async (host) => {
    expect(await look(outside.ports.silent, host)).toMatchObject({
      kind: "good",
      words: expect.stringMatching(/^took the connection in \d+ ms$/),
      phases: { connectMs: expect.any(Number) },
    });
    expect(await look(outside.ports.closed, host)).toMatchObject({
      kind: "failed",
      failure: "refused",
      words: "refused the connection",
      phases: { connectMs: null },
    });
  });

  it("closes what it has opened", async () => {
    await look(outside.ports.silent);
    await expect.poll(outside.openSockets).toBe(0);
  });
});

describe("no connection to a name", () => {
  const phases = { connectMs: null, firstByteMs: null, totalMs: 3 };
  const rules = { allowsPrivate: false };
  const leadingTo = async (...addresses: string[]) => {
    const Answer = addresses.map((data) => ({
      name: "db.example.com.",
      type: data.includes(":") ? 28 : 1,
      TTL: 60,
      data,
    }));
    await outside.set("/dns-query", { does: "answer", body: JSON.stringify({ Status: 0, Answer }) });
    return unconnected("db.example.com", phases, rules, resolvingWith(outside.byName("/dns-query")));
  };

  it("is a refusal where the name has an address", async () => {
    expect(await leadingTo("93.184.215.14")).toMatchObject({ failure: "refused" });
  });

  it("is the name's fault where it has none, or is unknown", async () => {
    const words = "found no address for db.example.com";
    expect(await leadingTo()).toMatchObject({ failure: "name", words });
    await outside.set("/nxdomain", { does: "answer", body: JSON.stringify({ Status: 3 }) });
    const resolve = resolvingWith(outside.byName("/nxdomain"));
    expect(await unconnected("db.example.com", phases, rules, resolve)).toMatchObject({ failure: "name", words });
  });

  it.each(["104.18.3.161", "2606:4700::6812:3a1"])(
    "says nothing where the name leads to Cloudflare: %s",
    async (address) => {
      expect(await leadingTo(address)).toEqual({
        kind: "unable",
        words: "could not be tried: db.example.com leads to Cloudflare, which lets no Worker connect there",
      });
    },
  );

  it("is our own doing where the name leads into a private network", async () => {
    expect(await leadingTo("93.184.215.14", "10.0.0.5")).toMatchObject({
      failure: "forbidden",
      words: expect.stringContaining("10.0.0.5"),
    });
  });

  it("is no refusal as long as nobody knows what the name leads to", async () => {
    await outside.set("/servfail", { does: "answer", body: JSON.stringify({ Status: 2 }) });
    await outside.set("/ill", { does: "answer", status: 500 });
    for (const path of ["/servfail", "/ill"]) {
      const outcome = await unconnected("db.example.com", phases, rules, resolvingWith(outside.byName(path)));
      expect(outcome).toMatchObject({ failure: "unreachable" });
    }
  });
});
