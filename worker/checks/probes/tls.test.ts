import { beforeAll, describe, expect, it } from "vitest";
import { noResolver, orderFor, startHealthEndpoints } from "../../testing/health-endpoints.ts";
import { probeTls } from "./tls.ts";

let outside: Awaited<ReturnType<typeof startHealthEndpoints>>;
beforeAll(async () => {
  outside = await startHealthEndpoints();
});

type Port = keyof Awaited<ReturnType<typeof startHealthEndpoints>>["ports"];

const look = (port: Port, { host = "localhost", warnDays = 14, timeoutMs = 2_000 } = {}) =>
  probeTls(orderFor({ kind: "tls", host, port: outside.ports[port], warnDays }, timeoutMs), noResolver);

describe("a TLS probe", () => {
  it.each<[Port, string]>([
    ["selfSigned", "certificate is signed by itself"],
    ["expired", "certificate ended 3 days ago"],
    ["wrongName", 'certificate is not for localhost, but for "other.example.com"'],
    ["tls13Only", "certificate is not valid"],
  ])("says what is wrong with a certificate: %s", async (port, words) => {
    expect(await look(port)).toMatchObject({ kind: "failed", failure: "tls", words });
  });

  it("says from when on a certificate is good", async () => {
    const { kind, words } = await look("notYet");
    expect({ kind, words }).toEqual({
      kind: "failed",
      words: expect.stringMatching(/^certificate is good only from \d{4}-\d\d-\d\d on$/),
    });
  });

  it("takes a certificate for an address only where it names the address", async () => {
    expect(await look("selfSigned", { host: "127.0.0.1" })).toMatchObject({
      words: "certificate is signed by itself",
    });
    expect((await look("wrongName", { host: "127.0.0.1" })).words).toContain("is not for 127.0.0.1");
  });

  it("reads when a certificate ends, and warns as many days before as it is told", async () => {
    const far = await look("asksForOurs", { warnDays: 60 });
    const endsAt = far.kind === "good" ? far.certificateEndsAt! : 0;
    expect((endsAt - Date.now()) / 86_400_000).toBeCloseTo(60.5, 1);
    expect(far.words).toBe("certificate ends in 60 days; who signed it was not verified");
    expect((await look("asksForOurs", { warnDays: 61 })).kind).toBe("warning");
    expect(await look("endsSoon")).toMatchObject({
      kind: "warning",
      words: expect.stringContaining("ends in 5 days"),
      certificateEndsAt: expect.any(Number),
    });
  });

  it.each<[Port, string, string]>([
    ["closed", "refused", "refused the connection"],
    ["silent", "timeout", "did not finish the TLS handshake within 300 ms"],
    ["resets", "cut", "closed the connection during the TLS handshake"],
    ["endsAtOnce", "cut", "closed the connection during the TLS handshake"],
    ["speaksSsh", "protocol", "does not speak TLS"],
  ])("tells apart what is no TLS: %s", async (port, failure, words) => {
    const outcome = await look(port, { timeoutMs: 300 });
    expect(outcome).toMatchObject({ kind: "failed", failure, words });
    const connectMs = outcome.kind === "failed" && outcome.phases.connectMs;
    expect(connectMs).toEqual(failure === "refused" ? null : expect.any(Number));
  });

  it("leaves no connection open, also where its time was over first", async () => {
    await look("silent", { timeoutMs: 100 });
    await look("selfSigned");
    await expect.poll(outside.openSockets).toBe(0);
  });
});
