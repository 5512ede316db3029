import { createHmac } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startInbox, type Inbox } from "./inbox.ts";

const SECRET = "what both have";
const BODY = JSON.stringify({ version: 1, subject: "[Critical] web-ewr-1 is down" });
let inbox: Inbox;
let lines: string[];

beforeEach(async () => {
  lines = [];
  inbox = await startInbox(SECRET, (line) => void lines.push(line));
});
afterEach(() => inbox.stop());

function post(path: string, signature: string): Promise<Response> {
  const headers = { "content-type": "application/json", "nephos-signature": signature };
  return fetch(inbox.url + path, { method: "POST", headers, body: BODY });
}

const signedWith = (secret: string) => `t=1,v1=${createHmac("sha256", secret).update(`1.${BODY}`).digest("hex")}`;

test("what is told and signed is taken, and said in one line", async () => {
  expect((await post("/on-call", signedWith(SECRET))).status).toBe(204);
  expect(lines).toEqual(["demo  │ told: [Critical] web-ewr-1 is down"]);
});

test("what is signed with another secret is not let in", async () => {
  expect((await post("/on-call", signedWith("another"))).status).toBe(401);
  expect((await post("/on-call", "")).status).toBe(401);
  expect(lines).toEqual([]);
});

test("the chat that was removed refuses as Slack does", async () => {
  const reply = await post("/services/databases", "");
  expect([reply.status, await reply.text()]).toEqual([404, "no_service"]);
  expect(lines).toEqual([]);
});
