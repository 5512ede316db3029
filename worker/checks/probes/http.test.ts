import { beforeAll, describe, expect, it } from "vitest";
import { newCheckSchema, type TargetInput } from "../../../contract/checks.ts";
import type { Behaviour } from "../../../tests/outside/health-endpoints.ts";
import { noResolver, orderFor, startHealthEndpoints } from "../../testing/health-endpoints.ts";
import { probeHttp } from "./http.ts";

let outside: Awaited<ReturnType<typeof startHealthEndpoints>>;
beforeAll(async () => {
  outside = await startHealthEndpoints();
});

type Wanted = Omit<Extract<TargetInput, { kind: "http" }>, "kind" | "url">;

function look(url: string, wanted: Wanted = {}, timeoutMs = 2_000) {
  const { target } = newCheckSchema.parse({ name: "x", target: { kind: "http", url, ...wanted } });
  if (target.kind !== "http") throw new Error("another kind");
  return probeHttp(orderFor(target, timeoutMs), noResolver);
}

const ways = [
  ["with fetch", (path: string) => outside.byName(path), false],
  ["over a socket", (path: string) => outside.byAddress(path), true],
] as const;

describe.each(ways)("an HTTP probe %s", (_way, at, isOverSocket) => {
  const asked = async (path: string, behaviour: Behaviour, wanted: Wanted = {}, timeoutMs = 2_000) => {
    await outside.set(path, behaviour);
    return look(at(path), wanted, timeoutMs);
  };

  it("is good where the answer is, and tells how long it took", async () => {
    expect(await asked("/good", { does: "answer" })).toEqual({
      kind: "good",
      words: expect.stringMatching(/^answered 200 in \d+ ms$/),
      phases: {
        connectMs: isOverSocket ? expect.any(Number) : null,
        firstByteMs: expect.any(Number),
        totalMs: expect.any(Number),
      },
    });
  });

  it("sends method, headers and body as they are told, and says who it is", async () => {
    await asked(
      "/echo",
      { does: "answer" },
      { method: "POST", headers: [{ name: "X-Key", value: "k" }], body: "héllo" },
    );
    const [received] = await outside.received("/echo");
    expect(received).toMatchObject({ method: "POST", body: "héllo", headers: { "x-key": "k" } });
    expect(received!.headers["user-agent"]).toMatch(/^Nephos\/\d+\.\d+\.\d+ \(\+health check\)$/);
  });

  it("takes the statuses it is told for good ones", async () => {
    expect(await asked("/503", { does: "answer", status: 503 })).toMatchObject({
      failure: "status",
      words: "answered 503",
    });
    expect((await look(at("/503"), { expectStatus: [[503, 503]] })).kind).toBe("good");
    expect((await look(at("/503"), { method: "HEAD", expectStatus: [[500, 599]] })).kind).toBe("good");
  });

  it.each<[Behaviour["does"], string, string]>([
    ["never", "timeout", "did not answer within 300 ms"],
    ["drip", "timeout", "did not finish its answer within 300 ms"],
    ["half then reset", "cut", "broke off in the middle of its answer"],
    ["half then end", "cut", "broke off in the middle of its answer"],
    ["reset", "cut", "took the connection and gave no HTTP answer"],
  ])("tells how an answer failed: %s", async (does, failure, words) => {
    expect(await asked("/ill", { does }, {}, 300)).toMatchObject({ kind: "failed", failure, words });
  });

  it("does not read on where it has read enough", async () => {
    expect((await asked("/huge", { does: "flood" })).kind).toBe("good");
    const keyword = { text: "ready" };
    expect(await look(at("/huge"), { keyword })).toMatchObject({
      failure: "content",
      words: 'body lacks "ready" in its beginning, and is too long to be read on',
    });
  });

  it("holds the body against what it is to hold", async () => {
    const body = JSON.stringify({ services: [{ name: "db", isUp: true }] });
    const keyword = { text: "lost", isAbsent: false };
    expect(await asked("/json", { does: "answer", body }, { keyword })).toMatchObject({
      words: 'body lacks "lost"',
    });
    const good = { keyword: { ...keyword, isAbsent: true }, json: { path: "services[0].isUp", equals: true } };
    expect((await look(at("/json"), good)).kind).toBe("good");
  });

  it("follows five redirects and no more", async () => {
    await outside.set("/loop", { does: "answer", status: 302, headers: { location: "/loop" } });
    const before = (await outside.received("/loop")).length;
    expect(await look(at("/loop"))).toMatchObject({ failure: "redirects", words: "redirects more than 5 times" });
    expect((await outside.received("/loop")).length - before).toBe(6);
    expect((await look(at("/loop"), { redirects: "manual" })).words).toMatch(/^answered 302 /);
  });

  it("does not carry what was meant for one place to another", async () => {
    const other = isOverSocket ? outside.byName : outside.byAddress;
    await outside.set("/there", { does: "answer" });
    await outside.set("/away", { does: "answer", status: 302, headers: { location: other("/there") } });
    await outside.set("/home", { does: "answer", status: 307, headers: { location: "/there" } });
    const wanted = { method: "POST" as const, headers: [{ name: "X-Api-Key", value: "secret" }], body: "b" };
    const since = (await outside.received("/there")).length;
    expect((await look(at("/away"), wanted)).kind).toBe("good");
    expect((await look(at("/home"), wanted)).kind).toBe("good");
    const [away, home] = (await outside.received("/there")).slice(since);
    expect(away).toMatchObject({ method: "GET", body: "" });
    expect(away!.headers).not.toHaveProperty("x-api-key");
    expect(away!.headers["user-agent"]).toContain("Nephos");
    expect(home).toMatchObject({ method: "POST", body: "b", headers: { "x-api-key": "secret" } });

    await outside.set("/away", { does: "answer", status: 307, headers: { location: other("/there") } });
    expect(await look(at("/away"), wanted)).toMatchObject({ failure: "redirects" });
    expect(await outside.received("/there")).toHaveLength(since + 2);
  });

  it("does not go where it may not", async () => {
    const behaviour = { does: "answer", status: 302, headers: { location: "ftp://127.0.0.1/x" } } as const;
    expect(await asked("/forbidden", behaviour)).toMatchObject({
      failure: "forbidden",
      words: "redirects to 127.0.0.1, which may not be asked",
    });
  });
});

describe("an HTTP probe", () => {
  const at = (host: string, port: number, scheme = "http") => `${scheme}://${host}:${port}/`;

  it.each(["127.0.0.1", "localhost"])("tells what answers from what does not, at %s", async (host) => {
    const { ports } = outside;
    const noAnswer = "took the connection and gave no HTTP answer";
    expect(await look(at(host, ports.closed))).toMatchObject({ failure: "refused", words: "refused the connection" });
    expect(await look(at(host, ports.endsAtOnce))).toMatchObject({ failure: "cut", words: noAnswer });
    expect(await look(at(host, ports.resets))).toMatchObject({ failure: "cut", words: noAnswer });
    expect(await look(at(host, ports.silent), {}, 200)).toMatchObject({ failure: "timeout" });
    // What fetch heard there it does not say.
    const ssh =
      host === "localhost"
        ? { failure: "cut", words: noAnswer }
        : { failure: "protocol", words: "does not speak HTTP" };
    expect(await look(at(host, ports.speaksSsh))).toMatchObject(ssh);
  });

  it("says what is wrong with a certificate, by name", async () => {
    const { ports } = outside;
    const words = async (port: number) => (await look(at("localhost", port, "https"))).words;
    expect(await words(ports.expired)).toBe("certificate ended 3 days ago");
    expect(await words(ports.wrongName)).toContain("not for localhost");
    expect(await words(ports.selfSigned)).toBe("certificate is signed by itself");
    expect(await words(ports.speaksSsh)).toBe("does not speak TLS");
    expect(await words(ports.closed)).toBe("refused the connection");
  });

  it("says what is wrong with a certificate, by address", async () => {
    const { ports } = outside;
    const by = async (port: number) => look(at("127.0.0.1", port, "https"), {}, 300);
    expect(await by(ports.expired)).toMatchObject({ failure: "tls", words: "certificate ended 3 days ago" });
    expect(await by(ports.selfSigned)).toMatchObject({ failure: "tls", words: "certificate is not valid" });
    expect(await by(ports.speaksSsh)).toMatchObject({ failure: "protocol" });
    expect(await by(ports.silent)).toMatchObject({ failure: "timeout", phases: { connectMs: expect.any(Number) } });
    await expect.poll(outside.openSockets).toBe(0);
  });

  it("does not follow into a private network where that is not allowed", async () => {
    const { target } = newCheckSchema.parse({ name: "x", target: { kind: "http", url: outside.byName("/inwards") } });
    await outside.set("/inwards", {
      does: "answer",
      status: 302,
      headers: { location: "http://169.254.169.254/latest" },
    });
    if (target.kind !== "http") throw new Error("another kind");
    const outcome = await probeHttp({ ...orderFor(target), allowsPrivate: false }, noResolver);
    expect(outcome).toMatchObject({
      failure: "forbidden",
      words: "redirects to 169.254.169.254, which may not be asked",
    });
  });

  it("takes Cloudflare's answer in the target's place for what it says of the target", async () => {
    const told = async (status: number, body = "", server = "cloudflare") => {
      await outside.set("/edge", { does: "answer", status, body, headers: { server } });
      return look(outside.byName("/edge"));
    };
    const words = "refused the connection (Cloudflare's 521)";
    expect(await told(521)).toMatchObject({ failure: "refused", words, phases: { firstByteMs: null } });
    expect(await told(522)).toMatchObject({ failure: "unreachable" });
    expect(await told(526)).toMatchObject({ failure: "tls" });
    expect(await told(530, "error code: 1016")).toMatchObject({ failure: "name" });
    expect(await told(530, "error code: 1033")).toMatchObject({ failure: "unreachable" });
    expect(await told(503)).toMatchObject({ failure: "status" });
    expect(await told(522, "", "nginx")).toMatchObject({ failure: "status", words: "answered 522" });
  });

  it("leaves no connection open", async () => {
    await look(at("127.0.0.1", outside.ports.silent), {}, 100);
    await expect.poll(outside.openSockets).toBe(0);
  });
});
