import { beforeAll, describe, expect, it } from "vitest";
import { noResolver, orderFor, startHealthEndpoints } from "../../testing/health-endpoints.ts";
import { probeDns } from "./dns.ts";

let outside: Awaited<ReturnType<typeof startHealthEndpoints>>;
beforeAll(async () => {
  outside = await startHealthEndpoints();
});

type Type = "A" | "TXT";
const look = (path: string, { type = "A" as Type, expect: wanted = [] as string[] } = {}) =>
  probeDns(
    orderFor({ kind: "dns", name: "example.com", type, expect: wanted, resolver: outside.byName(path) }, 300),
    noResolver,
  );

const answering = async (path: string, Status: number, ...Answer: { type: number; data: string }[]) =>
  outside.set(path, {
    does: "answer",
    headers: { "content-type": "application/dns-json" },
    body: JSON.stringify({ Status, ...(Answer.length > 0 && { Answer }) }),
  });

describe("a DNS probe", () => {
  it("asks for the name and the type, and takes records of that type only", async () => {
    await answering("/a", 0, { type: 5, data: "edge.example.net." }, { type: 1, data: "192.0.2.7" });
    expect(await look("/a")).toMatchObject({
      kind: "good",
      words: expect.stringMatching(/^answered "192\.0\.2\.7" in \d+ ms$/),
    });
    const [received] = await outside.received("/a");
    expect(received).toMatchObject({ query: "?name=example.com&type=A", headers: { accept: "application/dns-json" } });
    await answering("/alias", 0, { type: 5, data: "edge.example.net." });
    expect(await look("/alias")).toMatchObject({ failure: "name", words: "has no A record" });
  });

  it.each([
    [3, "knows no such name (NXDOMAIN)"],
    [2, "answered with an error (SERVFAIL)"],
    [23, "answered with an error (code 23)"],
    [0, "has no A record"],
  ])("fails with code %d", async (code, words) => {
    await answering("/code", code);
    expect(await look("/code")).toMatchObject({ kind: "failed", failure: "name", words });
  });

  it("wants every expected record, whatever its capitals, its dot at the end, and its quotes", async () => {
    await answering("/txt", 0, { type: 16, data: '"v=spf1 " "-all"' }, { type: 16, data: '"Other"' });
    expect((await look("/txt", { type: "TXT", expect: ["v=spf1 -all", "OTHER"] })).kind).toBe("good");
    expect(await look("/txt", { type: "TXT", expect: ["other", "third"] })).toMatchObject({
      failure: "content",
      words: expect.stringContaining('lacks "third"'),
    });
    await answering("/dot", 0, { type: 1, data: "Mail.Example.com." });
    expect((await look("/dot", { expect: ["mail.example.com", "mail.example.com."] })).kind).toBe("good");
  });

  it("says nothing of the name where the resolver is what fails", async () => {
    await outside.set("/html", { does: "answer", body: "<h1>Captive portal</h1>" });
    await outside.set("/never", { does: "never" });
    await outside.set("/broken", { does: "answer", status: 503 });
    expect((await look("/html")).kind).toBe("unable");
    expect((await look("/broken")).kind).toBe("unable");
    expect(await look("/never")).toEqual({
      kind: "unable",
      words: "could not be asked: the resolver did not answer within 300 ms",
    });
  });
});
