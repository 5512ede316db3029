import { afterAll, beforeAll, expect, test } from "vitest";
import { newCheckSchema } from "../../contract/checks.ts";
import { readingProblem } from "../../contract/ingest.ts";
import { definitionOf, parseSeriesKey } from "../../contract/metric.ts";
import { beatAddress, checkRows } from "./checks.ts";
import { checkPasts } from "./check-past.ts";
import { demoFleet } from "./fleet.ts";
import { checkIdOf, JITTER, LOOKS, responseMsAt, roundAt, spellsOf } from "./looks.ts";
import { startShop, type Shop } from "./shop.ts";
import { spellAt } from "./spells.ts";

const BORN_AT = Date.UTC(2026, 9, 1, 12);
const DAY_MS = 86_400_000;
const fleet = demoFleet(BORN_AT);
const places = { url: "http://127.0.0.1:1234", openPort: 1, closedPort: 2 };
const rows = () => checkRows(fleet, places, "s".repeat(43), BORN_AT);

test("every check is one that a person could have entered, of an instance that is there", () => {
  const ids = new Set(fleet.map(({ facts }) => facts.id));
  for (const row of rows()) {
    const { target } = newCheckSchema.parse({ ...row, target: row.target });
    expect(target).toEqual(row.target);
    if (row.instanceId !== null) expect(ids).toContain(row.instanceId);
  }
});

test("their ids are the same with every start, and differ", () => {
  const ids = rows().map(({ id }) => id);
  expect(ids).toEqual(rows().map(({ id }) => id));
  expect(new Set(ids).size).toBe(LOOKS.length);
  expect(beatAddress("s".repeat(43))).toMatch(/^\/beat\/[0-9a-f]{16}-s{43}$/);
});

test("of the machine that is switched off no check says that it answers", () => {
  const off = fleet.findIndex(({ trouble }) => trouble === "stopped");
  expect(LOOKS.filter(({ instance }) => instance === off)).toEqual([]);
});

test("series say what the verdicts of the time say, in metrics that are known", () => {
  const problems = new Set<string>();
  for (const [number, look] of LOOKS.entries()) {
    const spells = spellsOf(look, number, BORN_AT);
    const edges = spells.flatMap(({ from, to }) => [from - 1, from, Math.min(to, BORN_AT) - 1, Math.min(to, BORN_AT)]);
    for (const at of [...edges, BORN_AT - 50 * DAY_MS, BORN_AT - DAY_MS]) {
      const { check_up, check_degraded, ...readings } = roundAt(look, number, spells, at) ?? {};
      const verdict = look.isPaused ? "unsure" : (spellAt(spells, at)?.verdict ?? "up");
      const said = { up: "1 0", degraded: "1 1", down: "0 0", unsure: "undefined undefined" }[verdict];
      if (`${check_up} ${check_degraded}` !== said) problems.add(`${look.name} is ${verdict}`);
      for (const [key, value] of Object.entries(readings)) {
        const problem =
          readingProblem(key, value) ?? (definitionOf(parseSeriesKey(key)!.metric) ? undefined : "unknown");
        if (problem) problems.add(`${key} ${problem}`);
      }
    }
  }
  expect([...problems]).toEqual([]);
});

test("what is slow is slow by its own limits, and what is well is not", () => {
  for (const [number, look] of LOOKS.entries()) {
    if (look.kind !== "http") continue;
    const spells = spellsOf(look, number, BORN_AT);
    for (let at = BORN_AT - 2 * DAY_MS; at < BORN_AT + DAY_MS; at += 7 * 60_000) {
      const isSlow = responseMsAt(look, number, spells, at) * (1 + JITTER) >= 1_000;
      expect(isSlow).toBe(spellAt(spells, at)?.verdict === "degraded");
    }
  }
});

test("whoever said something of a verdict says what it came to", () => {
  const pasts = checkPasts(BORN_AT);
  const says = (name: string) => {
    const { witnessesAt } = pasts.find(({ id }) => id === checkIdOf(LOOKS.find((look) => look.name === name)!))!;
    return witnessesAt!(BORN_AT).map((witness) => `${witness.kind} ${witness.says}: ${witness.words}`);
  };
  expect(says("Payments webhook")).toEqual(Array(3).fill("region down: answered 503"));
  expect(says("Orders database")).toEqual(Array(3).fill("region down: refused the connection"));
  expect(says("Search")[0]).toMatch(/^region slow: answered 200 in 1\.\d s$/);
  expect(says("Order export")).toEqual(["heartbeat up: calls in time"]);
});

/** In front of the shop itself. */
let shop: Shop;
beforeAll(async () => void (shop = await startShop(Date.now())));
afterAll(() => shop.stop());

test("the shop answers where checks look, fails where it is in trouble, and knows no other page", async () => {
  const status = async (path: string) => (await fetch(shop.url + path)).status;
  expect(await Promise.all(["/", "/api/cart/health", "/hooks/payments", "/nowhere"].map(status))).toEqual([
    200, 200, 503, 404,
  ]);
  expect((await fetch(shop.controlUrl)).status).toBe(204);
});
