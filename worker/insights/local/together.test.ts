import { expect, test } from "vitest";
import { Chance } from "../../../tests/chance.ts";
import { hourly, hourOfDay, HOURS, normal, NOW, wandering, weekday, type Maker } from "./made.cases.ts";
import { movesOf, rankCorrelation, signsAgreeing } from "./moves.ts";
import { movingTogether, type Mover } from "./together.ts";

const chance = new Chance(41);
const random = () => chance.next();
const always = () => true;

function mover(machine: number, metric: string, make: Maker): Mover {
  return { machine, metric, moves: movesOf(hourly(make), NOW)! };
}

/** The same noise for all who ask, by the hour. */
function common(memory = 0.8): Maker {
  const noise = wandering(random, memory);
  const values = Array.from({ length: HOURS + 10 }, (_, hour) => noise(0, hour));
  return (_, hour) => values[hour + HOURS + 5] ?? 0;
}

test("what has one cause moves together, with its sign", () => {
  const cause = common();
  const movers = [
    mover(0, "a", (at, hour) => cause(at, hour) + 0.3 * normal(random)),
    mover(1, "b", (at, hour) => -5 * cause(at, hour) + normal(random)),
  ];
  const [pair] = movingTogether(movers, always);
  expect(pair!.likeness).toBeLessThan(-0.7);
  expect(pair!.lag).toBe(0);
  expect(pair!.chance).toBeLessThan(1e-9);
});

test("what follows is found with its lag, whichever way the two are given", () => {
  const cause = common(0.3);
  const leading = mover(0, "a", (at, hour) => cause(at, hour) + 0.2 * normal(random));
  const following = mover(1, "b", (at, hour) => cause(at, hour - 2) + 0.2 * normal(random));
  for (const movers of [
    [leading, following],
    [following, leading],
  ]) {
    const [pair] = movingTogether(movers, always);
    expect([pair!.first.metric, pair!.second.metric, pair!.lag]).toEqual(["a", "b", 2]);
  }
});

test("the same busy hours are no likeness: both are set aside", () => {
  const busy: Maker = (at) =>
    (hourOfDay(at) > 7 ? 20 : 0) + (weekday(at) > 4 ? -15 : 0) + (hourOfDay(at) === 2 ? 60 : 0);
  const movers = [0, 1, 2, 3].map((machine) => mover(machine, "a", (at, hour) => busy(at, hour) + normal(random)));
  expect(movingTogether(movers, always)).toEqual([]);
});

test("of 20,000 pairs of strangers of every colour, none moves together", () => {
  const movers = Array.from({ length: 200 }, (_, machine) => {
    return mover(machine, "a", wandering(random, [0, 0.5, 0.9, 0.99, 1][machine % 5]!));
  });
  expect(movingTogether(movers, always)).toEqual([]);
});

test("gaps at the same time are no likeness", () => {
  const gaps = common(0);
  const movers = [0, 1].map((machine) =>
    mover(machine, "a", (at, hour) => (gaps(at, hour) > 1.2 ? NaN : normal(random))),
  );
  expect(movingTogether(movers, always)).toEqual([]);
});

test("one hour in which both were far off makes no likeness", () => {
  const movers = [0, 1].map((machine) => mover(machine, "a", (_, hour) => normal(random) + (hour === -50 ? 1e9 : 0)));
  expect(movingTogether(movers, always)).toEqual([]);
});

test("whom nobody asked about is not looked at", () => {
  const cause = common();
  const movers = [0, 1].map((machine) => mover(machine, "a", (at, hour) => cause(at, hour) + 0.1 * normal(random)));
  expect(movingTogether(movers, () => false)).toEqual([]);
});

test("the signs of changes agree as their ranks correlate: the screen lets through what is asked for", () => {
  for (const noise of [0.2, 0.5, 0.8, 1]) {
    const cause = common(0);
    const [a, b] = [0, 1].map((machine) => mover(machine, "a", (at, hour) => cause(at, hour) + noise * normal(random)));
    const rho = rankCorrelation(a!.moves.ranks, b!.moves.ranks, 0);
    expect(signsAgreeing(a!.moves, b!.moves, 0)).toBeCloseTo(0.5 + Math.asin(rho) / Math.PI, 1);
  }
});

test("a rank correlation is Spearman's", () => {
  const moves = movesOf(hourly(wandering(random, 0)), NOW)!;
  expect(rankCorrelation(moves.ranks, moves.ranks, 0)).toBeCloseTo(1, 10);
  expect(
    rankCorrelation(
      moves.ranks,
      moves.ranks.map((rank) => -rank),
      0,
    ),
  ).toBeCloseTo(-1, 10);
});

test("nothing is told of what stands still, was hardly heard, or is too short", () => {
  expect(
    movesOf(
      hourly(() => 3),
      NOW,
    ),
  ).toBeNull();
  expect(
    movesOf(
      hourly(() => (chance.happens(0.5) ? NaN : normal(random))),
      NOW,
    ),
  ).toBeNull();
  expect(movesOf(hourly(wandering(random, 0), 200), NOW)).toBeNull();
});
