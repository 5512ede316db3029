import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { ManualClock } from "./clock-for-tests.ts";
import { systemClock } from "./clock.ts";
import { checkHealth, HealthCheck } from "./health-check.ts";

const servers: Server[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve)))));

async function listening(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
const serving = async (answer: RequestListener) => `http://127.0.0.1:${await listening(createServer(answer))}/health`;

describe("the health check", () => {
  it.each([
    [200, 1],
    [204, 1],
    [399, 1],
    [404, 0],
    [503, 0],
  ])("calls an answer of %i up: %i", async (status, up) => {
    const url = await serving((_, response) => response.writeHead(status).end());
    expect(await checkHealth(url, systemClock)).toEqual({
      health_up: up,
      health_status_code: status,
      health_response_seconds: expect.any(Number),
    });
  });

  it("calls nobody there down, without a status code", async () => {
    expect(await checkHealth("http://127.0.0.1:9/", systemClock)).toEqual({
      health_up: 0,
      health_response_seconds: expect.any(Number),
    });
  });

  it("follows three redirects and no more", async () => {
    const url = await serving((request, response) => {
      const hop = Number(request.url!.slice(1));
      response.writeHead(hop === 3 ? 200 : 302, { location: `/${hop + 1}` }).end();
    });
    const from = (hop: number) => url.replace("/health", `/${hop}`);
    expect(await checkHealth(from(0), systemClock)).toMatchObject({ health_up: 1, health_status_code: 200 });
    expect(await checkHealth(from(4), systemClock)).not.toHaveProperty("health_status_code");
  });

  it("does not read a large page to its end", async () => {
    const url = await serving((_, response) => {
      response.on("error", () => {});
      response.writeHead(200).end("x".repeat(5_000_000));
    });
    expect(await checkHealth(url, systemClock)).toMatchObject({ health_up: 1, health_status_code: 200 });
  });

  it("calls a certificate nobody vouches for down", async () => {
    const folder = mkdtempSync(join(tmpdir(), "nephos-tls-"));
    const words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"];
    execFileSync("openssl", [...words, "-keyout", "key.pem", "-out", "cert.pem"], { cwd: folder, stdio: "ignore" });
    const [key, cert] = ["key.pem", "cert.pem"].map((name) => readFileSync(join(folder, name)));
    const port = await listening(createTlsServer({ key, cert }, (_, response) => response.end()));
    expect(await checkHealth(`https://127.0.0.1:${port}/`, systemClock)).not.toHaveProperty("health_status_code");
  });

  it("does not hold a sample longer than it may, and goes into the next one, once", async () => {
    let answer: (() => void) | undefined;
    const arrived = new Promise<void>((resolve) => {
      void serving((_, response) => {
        answer = () => response.end();
        resolve();
      }).then((url) => {
        check = new HealthCheck(url, clock);
        check.begin();
      });
    });
    const clock = new ManualClock();
    let check!: HealthCheck;
    await arrived;
    const first = check.take(1_000);
    await clock.pass(1_000);
    expect(await first).toEqual({});
    answer!();
    expect(await check.take(Number.MAX_SAFE_INTEGER)).toMatchObject({ health_up: 1 });
    expect(await check.take(0)).toEqual({});
  });
});
