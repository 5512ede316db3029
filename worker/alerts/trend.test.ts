import { describe, expect, it } from "vitest";
import { Chance } from "../../tests/chance.ts";
import { seeds } from "../testing/seeds.ts";
import type { Point } from "./filling.ts";
import { canForetell, timeToFull } from "./trend.ts";

const NOW = 1_790_000_000_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Readings of the hours up to now, by how many hours ago each is. */
function history(hours: number, valueAt: (hoursAgo: number) => number, everyMs = 5 * MINUTE): Point[] {
  const points: Point[] = [];
  for (let at = NOW - hours * HOUR; at <= NOW; at += everyMs) points.push({ at, value: valueAt((NOW - at) / HOUR) });
  return points;
}

/** Full in so many hours from now, by so much an hour. */
const line = (fullInHours: number, perHour: number) => (hoursAgo: number) => 1 - (fullInHours + hoursAgo) * perHour;

/** Of a normal distribution, near enough: the sum of twelve. */
const noise = (chance: Chance, spread: number) => {
  let sum = -6;
  for (let count = 0; count < 12; count++) sum += chance.next();
  return sum * spread;
};

function expectAbout(points: Point[], hours: number, share: number, says = ""): void {
  const found = timeToFull(points, NOW);
  expect(found, `${says} is foretold`).not.toBeNull();
  expect(Math.abs(found!.inMs / (hours * HOUR) - 1), `${says} ${found!.inMs / HOUR} h`).toBeLessThan(share);
  expect(found!.fromMs, says).toBeLessThanOrEqual(found!.inMs);
  expect(found!.toMs, says).toBeGreaterThanOrEqual(found!.inMs);
}

describe("what fills in a line", () => {
  it.each([
    [6, 10, 0.02],
    [24, 10, 0.01],
    [24, 72, 0.002],
    [72, 100, 0.003],
    [168, 500, 0.001],
  ])("over %d hours is full in %d, exactly", (hours, fullIn, perHour) => {
    expectAbout(history(hours, line(fullIn, perHour)), fullIn, 0.001);
  });

  it.each([1, 5, 30])("is foretold whether read every %d minutes", (minutes) => {
    expectAbout(history(24, line(48, 0.004), minutes * MINUTE), 48, 0.02);
  });

  it("is foretold from now on, where the last reading is some hours old", () => {
    expectAbout(
      history(24, line(20, 0.01)).filter(({ at }) => at < NOW - 3 * HOUR),
      20,
      0.02,
    );
  });

  it("is foretold over a pause in the readings", () => {
    expectAbout(
      history(48, line(40, 0.005)).filter(({ at }) => at < NOW - 30 * HOUR || at > NOW - 15 * HOUR),
      40,
      0.02,
    );
  });

  it("up to a limit of its own is foretold for that", () => {
    const found = timeToFull(
      history(24, (ago) => 100 - (10 + ago) * 2),
      NOW,
      100,
    );
    expect(found!.inMs / HOUR).toBeCloseTo(10, 2);
  });

  it("leaves out what was read after now", () => {
    const points = history(24, line(10, 0.01));
    const wild = [1, 2, 3].map((hour) => ({ at: NOW + hour * HOUR, value: 0 }));
    expect(timeToFull([...points, ...wild], NOW)).toEqual(timeToFull(points, NOW));
  });

  it("in steps, as a database that grows file by file, is foretold within a tenth", () => {
    const steps = (ago: number) => 1 - Math.ceil((50 + ago) / 3) * 3 * 0.005;
    expectAbout(history(72, steps), 50, 0.1);
  });

  it("faster than before is foretold by how it fills lately", () => {
    const lately = (ago: number) => (ago < 24 ? line(20, 0.01)(ago) : line(20, 0.01)(24) - (ago - 24) * 0.0005);
    expectAbout(history(168, lately), 20, 0.1);
  });
});

describe("nothing is said", () => {
  const nothing = (points: Point[]) => expect(timeToFull(points, NOW)).toBeNull();

  it("of nothing", () => nothing([]));

  it("of fewer than twelve readings, or of less than six hours", () => {
    nothing(history(10, line(10, 0.01), HOUR));
    expect(timeToFull(history(11, line(10, 0.01), HOUR), NOW)).not.toBeNull();
    nothing(history(5.9, line(10, 0.01), MINUTE));
  });

  it("of what was heard last more than six hours ago", () => {
    nothing(history(48, line(10, 0.01)).filter(({ at }) => at < NOW - 6.1 * HOUR));
  });

  it("of what stays as it is", () => nothing(history(72, () => 0.6)));

  it("of what becomes emptier", () => nothing(history(72, (ago) => 0.5 + ago * 0.002)));

  it("of what stopped filling", () => nothing(history(72, (ago) => (ago > 24 ? 0.9 - (ago - 24) * 0.01 : 0.9))));

  it("of what was cleaned up a moment ago", () => {
    nothing(history(72, (ago) => (ago < 2 ? 0.3 : line(10, 0.005)(ago))));
  });

  it.each([
    ["every six hours", 6],
    ["every day", 24],
  ])("of saw teeth: what fills and is emptied %s", (_, hours) => {
    for (const phase of [0.2, 0.5, 0.9]) {
      const teeth = (ago: number) => 0.4 + 0.4 * ((((phase - ago / hours) % 1) + 1) % 1);
      nothing(history(168, teeth));
    }
  });

  it("of waves longer than a day, though they rise now: they have been as high before", () => {
    for (const phase of [0.375, 0.396, 0.417])
      nothing(history(168, (ago) => 0.6 + 0.02 * Math.sin((phase - ago / 36) * 2 * Math.PI)));
  });

  it.each([0.15, 0.05, 0.02])("of the waves of a day, %d high", (height) => {
    for (let phase = 0; phase < 24; phase++)
      nothing(history(168, (ago) => 0.6 + height * Math.sin(((phase - ago) / 24) * 2 * Math.PI)));
  });
});

it("what is full is full now", () => {
  expect(timeToFull(history(24, line(0, 0.01)), NOW)).toEqual({ inMs: 0, fromMs: 0, toMs: 0 });
  expect(
    timeToFull(
      history(24, () => 1),
      NOW,
    ),
  ).toEqual({ inMs: 0, fromMs: 0, toMs: 0 });
});

describe("what was cleaned up counts from then on", () => {
  it.each([10, 20, 40])("%d hours ago", (cleaned) => {
    const fill = (ago: number) => (ago >= cleaned ? 0.95 - (ago - cleaned) * 0.004 : line(60, 0.008)(ago));
    expectAbout(history(96, fill), 60, 0.05);
  });

  it("however slowly it filled before", () => {
    const fill = (ago: number) => (ago >= 20 ? 0.9 : line(30, 0.01)(ago));
    expectAbout(history(168, fill), 30, 0.05);
  });

  it("again and again, where it should have been by now", () => {
    // Every day, but not for two days now.
    const fill = (ago: number) => (ago < 48 ? line(12, 0.01)(ago) : 0.4 + 0.01 * ((ago * 23) % 24));
    expectAbout(history(168, fill), 12, 0.05);
  });

  it("though twice: the next is due only after it would be full", () => {
    // Emptied every other day, and full within a day now.
    const fill = (ago: number) => (ago < 20 ? line(10, 0.02)(ago) : 0.4 + 0.005 * ((20 - ago + 192) % 48));
    expectAbout(history(168, fill), 10, 0.05);
  });
});

describe("wild readings", () => {
  it.each([0, 1])("of %d, alone, change next to nothing", (value) => {
    const points = history(48, line(40, 0.006)).map((point, index) => (index % 29 === 7 ? { ...point, value } : point));
    expectAbout(points, 40, 0.03);
  });

  it("at the very end changes nothing, unless it says that it is full", () => {
    const points = history(48, line(40, 0.006));
    expectAbout([...points.slice(0, -1), { at: NOW, value: 0.1 }], 40, 0.03);
    expectAbout([...points.slice(0, -1), { at: NOW, value: 0.99 }], 40, 0.03);
  });
});

describe.each(seeds(4))("with noise, seed %i", (seed) => {
  it.each([
    [0.002, 0.05],
    [0.005, 0.1],
    [0.01, 0.2],
  ])("of %d a line is foretold with an error of less than %d", (spread, share) => {
    const chance = new Chance(seed);
    for (let run = 0; run < 15; run++) {
      const perHour = chance.between(0.003, 0.008);
      const fullIn = chance.between(10, 60);
      const straight = line(fullIn, perHour);
      const points = history(72, (ago) => straight(ago) + noise(chance, spread));
      if (points.at(-1)!.value >= 1) continue;
      expectAbout(points, fullIn, share, `run ${run}, ${fullIn} h at ${perHour}`);
    }
  });

  it("alone is seldom taken for filling, and then for a slow one", () => {
    const chance = new Chance(seed);
    let foretold = 0;
    for (let run = 0; run < 100; run++) {
      const found = timeToFull(
        history(72, () => 0.6 + noise(chance, 0.01)),
        NOW,
      );
      if (found === null) continue;
      foretold++;
      expect(found.inMs).toBeGreaterThan(7 * DAY);
    }
    expect(foretold).toBeLessThan(15);
  });

  it("it is full between the two moments that are told in most cases", () => {
    const chance = new Chance(seed);
    let within = 0;
    for (let run = 0; run < 60; run++) {
      const found = timeToFull(
        history(48, (ago) => line(50, 0.005)(ago) + noise(chance, 0.01)),
        NOW,
      );
      if (found && found.fromMs <= 50 * HOUR && found.toMs >= 50 * HOUR) within++;
    }
    expect(within).toBeGreaterThan(33);
  });
});

describe("whether anybody can tell", () => {
  const flat = history(24, () => 0.4);

  it("is one thing, and that it does not fill another", () => {
    expect(timeToFull(flat, NOW)).toBeNull();
    expect(canForetell(flat, NOW)).toBe(true);
  });

  it.each([
    ["nothing was heard of", []],
    ["too little was heard of", flat.slice(-11)],
    ["was heard of for too short a time", history(5, () => 0.4)],
    ["has been silent for more than six hours", flat.filter(({ at }) => at < NOW - 6 * HOUR)],
  ])("is no where it %s", (_, points) => {
    expect(canForetell(points, NOW)).toBe(false);
    expect(timeToFull(points, NOW)).toBeNull();
  });
});
