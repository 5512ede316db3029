import { beforeAll, describe, expect, it } from "vitest";
import { startHealthEndpoints } from "../../testing/health-endpoints.ts";
import { within } from "./deadline.ts";
import { askOverSocket } from "./http-over-socket.ts";
import { CutOff, NotTheProtocol } from "./incoming.ts";
import { Progress } from "./progress.ts";

let outside: Awaited<ReturnType<typeof startHealthEndpoints>>;
beforeAll(async () => {
  outside = await startHealthEndpoints();
});

/** Asks somebody who says just this. */
async function hearing(raw: string, method = "GET") {
  await outside.set("/raw", { does: "raw", body: raw });
  const request = { url: new URL(outside.byAddress("/raw")), method, headers: new Headers(), body: null };
  return within(2_000, (signal) =>
    askOverSocket(request, new Progress(), signal, async ({ status, headers, chunks }) => {
      let body = "";
      for await (const chunk of chunks) body += new TextDecoder().decode(chunk, { stream: true });
      return { status, type: headers.get("content-type"), body };
    }),
  );
}

describe("an answer over a socket", () => {
  it.each([
    ["of a length that is told", "HTTP/1.1 200 OK\r\nContent-Type: text/a\r\nContent-Length: 5\r\n\r\nready and more"],
    [
      "of chunks",
      "HTTP/1.1 200 OK\r\nContent-Type: text/a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nre\r\n3;x=y\r\nady\r\n0\r\nA: b\r\n\r\n",
    ],
    ["of all that comes", "HTTP/1.0 200 OK\r\nContent-Type: text/a\r\n\r\nready"],
    [
      "after others that are none yet",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/a\r\n\r\nready",
    ],
    ["with bare line feeds", "HTTP/1.1 200\nContent-Type: text/a\n\nready"],
  ])("is understood %s", async (_how, raw) => {
    expect(await hearing(raw)).toEqual({ status: 200, type: "text/a", body: "ready" });
  });

  it("has no body where it has none, whatever it says", async () => {
    const head = "Content-Length: 5\r\n\r\n";
    expect((await hearing(`HTTP/1.1 200 OK\r\n${head}`, "HEAD")).body).toBe("");
    expect((await hearing(`HTTP/1.1 204 No Content\r\n${head}`)).body).toBe("");
    expect((await hearing(`HTTP/1.1 304 Not Modified\r\n${head}`)).body).toBe("");
  });

  it.each([
    ["another protocol", "220 mail.example.com ESMTP\r\n"],
    ["a status that is none", "HTTP/1.1 999 Odd\r\n\r\n"],
    ["a header without a name", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n"],
    ["a header with an impossible name", "HTTP/1.1 200 OK\r\na b: c\r\n\r\n"],
    ["headers without end", `HTTP/1.1 200 OK\r\n${"a: b\r\n".repeat(20_000)}\r\n`],
    ["a line without end", `HTTP/1.1 200 ${"a".repeat(70_000)}`],
    ["a length that is none", "HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nready"],
    ["a chunk without its length", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nready\r\n0\r\n\r\n"],
    ["a chunk longer than it says", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nready\r\n0\r\n\r\n"],
  ])("is none with %s", async (_what, raw) => {
    await expect(hearing(raw)).rejects.toThrow(NotTheProtocol);
  });

  it.each([
    ["in its headers", "HTTP/1.1 200 OK\r\nContent-"],
    ["in its body", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nready"],
    ["between chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nready\r\n"],
    ["within a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nready"],
  ])("is cut off where it ends %s", async (_where, raw) => {
    await expect(hearing(raw)).rejects.toThrow(CutOff);
  });
});

it("a request keeps what belongs to the connection to itself", async () => {
  await outside.set("/own", { does: "answer" });
  const headers = new Headers({ host: "shop.example", connection: "keep-alive", "content-length": "99", "x-a": "b" });
  const request = { url: new URL(outside.byAddress("/own?q=1")), method: "PUT", headers, body: "né" };
  await within(2_000, (signal) => askOverSocket(request, new Progress(), signal, () => Promise.resolve()));
  const [received] = await outside.received("/own");
  expect(received).toMatchObject({
    method: "PUT",
    query: "?q=1",
    body: "né",
    headers: {
      host: "shop.example",
      connection: "close",
      "content-length": "3",
      "x-a": "b",
      "accept-encoding": "identity",
    },
  });
});
