import { beforeEach, describe, expect, it } from "vitest";
import { StandingClock, startSnowflake, type StartedSnowflake } from "../testing/snowflake.ts";
import { RowPacker } from "./row-packer.ts";
import { appendRows, openStream } from "./streaming.ts";

const MINUTE = 60_000;
const INSTANCES = { schema: "LANDING", table: "INSTANCES" };

const linesOf = (ids: readonly string[], name = "web") =>
  ids.map((ID) => {
    const at = "2026-11-26 14:00:00.000";
    const row = {
      ID,
      NAME: name,
      TYPE: "server",
      STATUS: "healthy",
      CREATED_AT: at,
      UPDATED_AT: at,
      EXPORTED_AT: at,
    };
    return JSON.stringify(row);
  });

let snowflake: StartedSnowflake;
let clock: StandingClock;
beforeEach(async () => {
  snowflake = await startSnowflake();
  clock = new StandingClock();
});

async function append(
  client: ReturnType<StartedSnowflake["clientWith"]>,
  lines: readonly string[],
  requestId: string = crypto.randomUUID(),
): Promise<void> {
  const packer = new RowPacker();
  await packer.add(lines);
  await appendRows(client, INSTANCES, await packer.finish(), { requestId, deadline: clock.now() + MINUTE });
}

describe("rows that are streamed", () => {
  it("land with one request, packed, and start no warehouse", async () => {
    const client = snowflake.clientWith({}, clock);
    const ids = Array.from({ length: 500 }, (_, place) => `i-${place}`);
    await append(client, linesOf(ids));
    const { rowsLanded, warehouses, requests, complaints, rowsDropped } = await snowflake.told();
    expect(rowsLanded["LANDING.INSTANCES"]).toBe(500);
    expect(Object.values(warehouses).every(({ resumes }) => resumes === 0)).toBe(true);
    const sent = requests.filter(({ name }) => name === "POST rows");
    expect(sent).toHaveLength(1);
    expect(sent[0]!.bytes).toBeLessThan(linesOf(ids).join().length / 5);
    expect([complaints, rowsDropped]).toEqual([[], []]);
  });

  it("ask for the host and its token once in fifty minutes", async () => {
    const client = snowflake.clientWith({}, clock);
    await append(client, linesOf(["a"]));
    await append(client, linesOf(["b"]));
    expect((await snowflake.told()).asked).toMatchObject({ "GET hostname": 1, "POST token": 1, "POST rows": 2 });
    clock.at += 51 * MINUTE;
    await snowflake.order({ now: clock.at });
    await append(client, linesOf(["c"]));
    expect((await snowflake.told()).asked).toMatchObject({ "GET hostname": 2, "POST token": 2, "POST rows": 3 });
  });

  it("take the names of the endpoints as plain text, too", async () => {
    await snowflake.order({ isStreamingPlain: true });
    const client = snowflake.clientWith({}, clock);
    await append(client, linesOf(["a"]));
    expect((await openStream(client, clock.now() + MINUTE)).host).toBe(new URL(snowflake.url).host);
  });

  it("are sent again with the same id and a count, where the answer was lost or a token is over", async () => {
    const client = snowflake.clientWith({}, clock);
    await snowflake.fault({ kind: "lost", times: 1, on: "POST rows" });
    await append(client, linesOf(["a"]), "6b0e7c5a-0000-4000-8000-000000000001");
    await snowflake.fault({ kind: "expired", times: 1, on: "POST rows" });
    await append(client, linesOf(["b"]));
    const { requests, asked } = await snowflake.told();
    const sent = requests.filter(({ name }) => name === "POST rows");
    expect(sent.map(({ isRetry }) => isRetry)).toEqual([false, true, false, true]);
    expect(new Set(sent.slice(0, 2).map(({ requestId, bytes }) => `${requestId} ${bytes}`)).size).toBe(1);
    expect(asked["POST token"]).toBe(2);
  });

  it("to a table that is not there, or may not be written to, say so", async () => {
    const client = snowflake.clientWith({}, clock);
    await snowflake.order({ forget: { privilege: "INSERT", on: "LANDING.INSTANCES" } });
    await expect(append(client, linesOf(["a"]))).rejects.toMatchObject({ code: "rights_missing" });
  });

  it("that are too many for one request are refused before they are sent", async () => {
    const client = snowflake.clientWith({}, clock);
    const noise = Array.from({ length: 6_000 }, () =>
      Buffer.from(crypto.getRandomValues(new Uint8Array(750))).toString("base64"),
    );
    await expect(append(client, linesOf(noise))).rejects.toMatchObject({ code: "statement_refused" });
    expect((await snowflake.told()).asked["POST rows"]).toBeUndefined();
  });
});
