import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { jsonBinding } from "../../snowflake/binding.ts";
import { db, deskAt } from "../../testing/snowflake-desk.ts";
import { StandingClock, startSnowflake, type StartedSnowflake } from "../../testing/snowflake.ts";
import { engineCases, fleet } from "../engine.cases.ts";
import { localEngine } from "../local/engine.ts";
import { NOW } from "../local/made.cases.ts";
import { SnowflakeEngine } from "./engine.ts";
import { withFallback } from "./fallback.ts";

const INSERT = `INSERT INTO LANDING.METRICS (INSTANCE_ID, METRIC_NAME, TIMESTAMP, METRIC_VALUE, SAMPLE_COUNT, UNIT, EXPORTED_AT)
SELECT VALUE:i::VARCHAR, VALUE:m::VARCHAR, VALUE:t::TIMESTAMP_NTZ, VALUE:v::FLOAT, 10, 'ratio', SYSDATE()
FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?)))`;

let snowflake: StartedSnowflake;
beforeAll(async () => {
  snowflake = await startSnowflake();
  await snowflake.order({ now: NOW });
  await putHistory();
});

const DISK = "filesystem_used_ratio";
/** A disk that is full within the days that are foretold: by how much of the history is over. */
const filling = (over: number) => 0.2 + 0.6 * over + Math.sin(over * 9_999) * 0.004;

/** What the fleet was, where Snowflake learns from it. */
async function putHistory(): Promise<void> {
  const clock = new StandingClock(NOW);
  const client = snowflake.clientWith({}, clock);
  for (const { machine, hourly } of fleet().slice(0, 2)) {
    for (const m of [DISK, "disk_util_ratio", "cpu_busy_ratio"]) {
      const { from, stepMs, values } = hourly.get(m)!;
      const rows = [...values].flatMap((v, hour) =>
        Number.isFinite(v)
          ? [
              {
                i: machine.id,
                m,
                t: new Date(from + hour * stepMs).toISOString().replace("Z", ""),
                v: m === DISK ? filling(hour / values.length) : v,
              },
            ]
          : [],
      );
      await client.run(INSERT, [jsonBinding(rows)], { deadline: clock.at + 60_000 });
    }
  }
}
beforeEach(async () => {
  await db.$client.exec("DELETE FROM worded_answer");
});

/** Snowflake as it is used: with the local engine behind it. */
const engineOf = () => withFallback(new SnowflakeEngine(deskAt(snowflake, new StandingClock(NOW)).desk), localEngine);

const PLAN = { when: "look-ups answer", says: { steps: [{ query: "runs_out", metric: "disk", withinDays: 30 }] } };
const NO_PLAN = { when: "meaning of purple", says: { steps: [] } };

describe("Snowflake, whose model keeps to the evidence", () => {
  beforeAll(async () => {
    const claims = [
      { text: "Disk use of web-1 is 91 %.", evidence: ["e1"] },
      { text: "web-2 is down.", evidence: ["e2", "e99"] },
    ];
    const says = { claims, actions: [{ text: "Look at web-2.", evidence: ["e2"] }] };
    await snowflake.order({ script: [NO_PLAN, PLAN, { when: "", says }] });
  });
  engineCases(engineOf);

  it("learns from that history, so that this holds of an engine that has something to say", async () => {
    const engine = engineOf();
    const foretold = await engine.predictions(fleet(), NOW);
    expect(Object.keys(foretold[0]!.bands)).toContain(DISK);
    expect((await snowflake.told()).trainings.length).toBeGreaterThan(0);
  });
});

describe("Snowflake, whose model makes things up", () => {
  beforeAll(async () => {
    const says = { claims: [{ text: "web-1 was hacked.", evidence: ["e99"] }], actions: [] };
    await snowflake.order({ script: [NO_PLAN, PLAN, { when: "", says }] });
  });
  engineCases(engineOf);
});
