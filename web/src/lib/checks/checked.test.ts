import { describe, expect, test } from "vitest";
import { CHECK_KINDS } from "../../../../contract/check-kinds.ts";
import { changeCheckSchema, type Check, checkSchema, newCheckSchema } from "../../../../contract/checks.ts";
import { checked, suggestedName } from "./checked.ts";
import { type CheckDraft, draftOf, isUnusual, newDraft } from "./draft.ts";

const INSTANCES = [
  { id: "vultr:1", name: "web-1" },
  { id: "vultr:2", name: "twin" },
  { id: "vultr:3", name: "twin" },
];
const typed: Record<CheckDraft["kind"], Partial<CheckDraft>> = {
  http: { url: "https://example.com/health" },
  tcp: { host: "db.example.com", port: "5432" },
  tls: { host: "example.com" },
  dns: { dnsName: "example.com" },
  heartbeat: { name: "backup" },
};
const NEEDED = { http: "target.url", tcp: "target.host", tls: "target.host", dns: "target.name" };
const draft = (kind: CheckDraft["kind"], over: Partial<CheckDraft> = {}) => ({
  ...newDraft(),
  kind,
  ...typed[kind],
  ...over,
});
const faultsOf = (of: CheckDraft) => {
  const { wrong, missing } = checked(of, INSTANCES).faults;
  return { ...wrong, ...missing };
};

describe("what is typed and nothing more", () => {
  test.each(CHECK_KINDS)("a %s check is taken by the server as it is sent", (kind) => {
    const { sent, faults } = checked(draft(kind), INSTANCES);
    expect(faults.any).toBe(false);
    expect(newCheckSchema.parse(sent).target.kind).toBe(kind);
  });

  test.each(CHECK_KINDS)("a %s check needs more than its kind, and says so only when it is to be saved", (kind) => {
    const { faults } = checked({ ...newDraft(), kind }, INSTANCES);
    expect(Object.keys(faults.missing)).toContain(kind === "heartbeat" ? "name" : NEEDED[kind]);
    expect(faults.wrong).toEqual({});
  });

  test("what another kind was told is not sent", () => {
    const { sent } = checked(draft("tcp", { url: "https://example.com", keyword: "x" }), INSTANCES);
    expect(sent.target).toEqual({ kind: "tcp", host: "db.example.com", port: 5432 });
  });
});

test("a check that exists goes through the form unchanged, and its headers stay as they were", () => {
  const check: Check = checkSchema.parse({
    id: "check:1",
    name: "API",
    instanceId: "vultr:1",
    instanceName: "web-1",
    tags: ["eu"],
    intervalMs: 45_000,
    timeoutMs: 2_500,
    slowMs: 800,
    badMs: 1_200,
    regions: ["oc"],
    isPaused: false,
    isDefault: false,
    target: {
      kind: "http",
      url: "https://example.com/",
      method: "POST",
      headerNames: ["Authorization"],
      body: " {}\n",
      expectStatus: [[200, 204]],
      keyword: { text: " ok ", isAbsent: true },
      json: { path: "a.b", equals: "42" },
      redirects: "manual",
    },
    createdAt: 0,
    judgement: null,
    lastRoundAt: null,
    nextRoundAt: null,
    results: [],
    lastBeatAt: null,
    warning: null,
  });
  const { sent, faults } = checked(draftOf(check), INSTANCES);
  expect(faults.any).toBe(false);
  const { headerNames: _, ...target } = check.target as Extract<Check["target"], { kind: "http" }>;
  expect(changeCheckSchema.parse(sent)).toEqual({
    name: "API",
    instanceId: "vultr:1",
    tags: ["eu"],
    intervalMs: 45_000,
    timeoutMs: 2_500,
    slowMs: 800,
    badMs: 1_200,
    regions: ["oc"],
    target,
  });
  expect(isUnusual(draftOf(check))).toBe(true);
  expect(isUnusual(newDraft())).toBe(false);
});

test("headers that are given anew are sent, and rows left empty are not", () => {
  const headers = [
    { name: " X-Key ", value: " secret " },
    { name: "", value: "" },
  ];
  expect(checked(draft("http", { headers }), INSTANCES).sent.target).toMatchObject({
    headers: [{ name: "X-Key", value: "secret" }],
  });
});

test.each([
  ["http", { url: "example.com" }, "target.url", /https:\/\//],
  ["http", { statuses: "200-" }, "target.expectStatus", /no status/],
  ["http", { headers: [{ name: "", value: "x" }] }, "target.headers", /has a name/],
  ["http", { jsonEquals: "ok" }, "target.json", /path/],
  ["tcp", { port: "70000" }, "target.port", /65,535/],
  ["tls", { warnDays: "0" }, "target.warnDays", /1 to 365/],
  ["heartbeat", { period: "often" }, "target.periodMs", /A time such as/],
  ["heartbeat", { grace: "8 d" }, "target.graceMs", /30 s to 7 d/],
  ["http", { timeout: "20 s" }, "timeoutMs", /500 ms to 15 s/],
  ["http", { slow: "2 s", bad: "1 s" }, "badMs", /not be less/],
  ["http", { regions: [] }, "regions", /At least one/],
  ["http", { instance: "nope" }, "instanceId", /No instance/],
  ["http", { instance: "twin" }, "instanceId", /vultr:2, vultr:3/],
] as const)("a %s check with %j is told what is wrong at %s", (kind, over, field, words) =>
  expect(faultsOf(draft(kind, over as Partial<CheckDraft>))).toEqual({ [field]: expect.stringMatching(words) }),
);

test("an instance is found by its name or its id", () => {
  expect(checked(draft("http", { instance: "web-1" }), INSTANCES).sent.instanceId).toBe("vultr:1");
  expect(checked(draft("http", { instance: "vultr:3" }), INSTANCES).sent.instanceId).toBe("vultr:3");
  expect(checked(draft("http"), INSTANCES).sent.instanceId).toBeNull();
});

test.each([
  ["http", { url: "https://me:secret@example.com/health?key=1#x" }, "example.com/health"],
  ["http", { url: "https://example.com/" }, "example.com"],
  ["tcp", {}, "db.example.com:5432"],
  ["tls", {}, "example.com certificate"],
  ["dns", {}, "example.com A"],
] as const)(
  "a %s check that nobody names is called after its target, without what is secret of it",
  (kind, over, name) => expect(suggestedName(draft(kind, over))).toBe(name),
);
