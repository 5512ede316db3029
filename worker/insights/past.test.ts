import { describe, expect, it } from "vitest";
import { db, knowInstance, putSamples } from "../testing/history.ts";
import { rollDue } from "../testing/rolled.ts";
import { readPast } from "./past.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const QUARTER = 6 * HOUR;
const settled = Math.floor(Date.now() / QUARTER) * QUARTER - QUARTER;
const now = settled + 3 * HOUR + 17 * MINUTE;
const KEY = "cpu_busy_ratio";

describe("the past of a machine", () => {
  it("is every full step and every full hour, rolled or not, with gaps where nothing was heard", async () => {
    await knowInstance("past", [], MINUTE);
    const from = settled - 20 * HOUR;
    const valueAt = (at: number) => ((at - from) / HOUR) * 0.01;
    const samples = Array.from({ length: (now - from) / MINUTE }, (_, place) => from + place * MINUTE)
      // Silent for the second and third hour after what is settled began to wait.
      .filter((at) => at < settled + HOUR || at >= settled + 2.6 * HOUR)
      .map((at) => ({ at, metrics: { [KEY]: valueAt(at) } }));
    await putSamples("past", samples);
    for (let turn = 0; turn < 50 && (await rollDue(db, settled)) > 0; turn++);
    const held = async () => ({ waiting: new Map(), unrolled: { before: settled / HOUR, hours: [] } });
    const past = await readPast({ db, held }, ["past", "nobody"], settled - 10 * HOUR, now);

    const { fine, hourly } = past.get("past")!;
    const steps = fine.get(KEY)!;
    expect(steps.from + steps.values.length * steps.stepMs).toBe(Math.floor(now / (5 * MINUTE)) * 5 * MINUTE);
    const stepOf = (at: number) => steps.values[(at - steps.from) / steps.stepMs]!;
    expect(stepOf(settled + 30 * MINUTE)).toBeCloseTo(valueAt(settled + 32 * MINUTE), 4);
    expect(stepOf(settled + 90 * MINUTE)).toBeNaN();

    const hours = hourly.get(KEY)!;
    const hourOf = (at: number) => hours.values[(at - hours.from) / HOUR]!;
    expect(hourOf(settled - 15 * HOUR)).toBeCloseTo(valueAt(settled - 14.5 * HOUR), 3);
    // Not rolled yet: made of its steps.
    expect(hourOf(settled)).toBeCloseTo(valueAt(settled + 0.5 * HOUR), 3);
    expect(hourOf(settled + HOUR)).toBeNaN();
    // Less than half of it was heard.
    expect(hourOf(settled + 2 * HOUR)).toBeNaN();
    expect(hours.from + hours.values.length * HOUR).toBe(Math.floor(now / HOUR) * HOUR);
    expect(past.get("nobody")).toEqual({ hourly: new Map(), fine: new Map() });
  });
});
