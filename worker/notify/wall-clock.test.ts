import { describe, expect, it } from "vitest";
import { dayOf, endsAt, startsAt } from "./wall-clock.ts";

/** As if the wall's time were UTC. */
const wall = (time: string) => Date.parse(`${time}Z`) / 60_000;
const shown = (at: number) => new Date(at).toISOString().slice(0, 16);

type Turn = [timeZone: string, wall: string, starts: string, ends: string];

const PLAIN: Turn[] = [
  ["UTC", "2026-06-01T12:00", "2026-06-01T12:00", "2026-06-01T12:00"],
  ["Europe/Berlin", "2026-01-15T12:00", "2026-01-15T11:00", "2026-01-15T11:00"],
  ["Europe/Berlin", "2026-07-15T00:00", "2026-07-14T22:00", "2026-07-14T22:00"],
  ["America/New_York", "2026-07-15T22:00", "2026-07-16T02:00", "2026-07-16T02:00"],
  ["Asia/Kathmandu", "2026-07-15T06:00", "2026-07-15T00:15", "2026-07-15T00:15"],
  ["Australia/Lord_Howe", "2026-07-15T12:00", "2026-07-15T01:30", "2026-07-15T01:30"],
  ["Pacific/Kiritimati", "2026-07-15T12:00", "2026-07-14T22:00", "2026-07-14T22:00"],
  ["Pacific/Marquesas", "2026-07-15T12:00", "2026-07-15T21:30", "2026-07-15T21:30"],
];

const LEFT_OUT: Turn[] = [
  // 02:00 becomes 03:00 on 29 March, 01:00 UTC.
  ["Europe/Berlin", "2026-03-29T01:59", "2026-03-29T00:59", "2026-03-29T00:59"],
  ["Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00", "2026-03-29T01:00"],
  ["Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00", "2026-03-29T01:00"],
  ["Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00", "2026-03-29T01:00"],
  ["Europe/Berlin", "2026-03-29T03:01", "2026-03-29T01:01", "2026-03-29T01:01"],
  // 02:00 becomes 03:00 on 8 March, 07:00 UTC.
  ["America/New_York", "2026-03-08T01:59", "2026-03-08T06:59", "2026-03-08T06:59"],
  ["America/New_York", "2026-03-08T02:30", "2026-03-08T07:00", "2026-03-08T07:00"],
  ["America/New_York", "2026-03-08T03:00", "2026-03-08T07:00", "2026-03-08T07:00"],
  // 02:00 becomes 02:30 on 4 October, 15:30 UTC the day before.
  ["Australia/Lord_Howe", "2026-10-04T01:45", "2026-10-03T15:15", "2026-10-03T15:15"],
  ["Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30", "2026-10-03T15:30"],
  ["Australia/Lord_Howe", "2026-10-04T02:45", "2026-10-03T15:45", "2026-10-03T15:45"],
];

const TWICE: Turn[] = [
  // 03:00 becomes 02:00 on 25 October, 01:00 UTC.
  ["Europe/Berlin", "2026-10-25T01:59", "2026-10-24T23:59", "2026-10-24T23:59"],
  ["Europe/Berlin", "2026-10-25T02:00", "2026-10-25T00:00", "2026-10-25T00:00"],
  ["Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30", "2026-10-25T01:30"],
  ["Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00", "2026-10-25T02:00"],
  // 02:00 becomes 01:00 on 1 November, 06:00 UTC.
  ["America/New_York", "2026-11-01T00:59", "2026-11-01T04:59", "2026-11-01T04:59"],
  ["America/New_York", "2026-11-01T01:30", "2026-11-01T05:30", "2026-11-01T06:30"],
  ["America/New_York", "2026-11-01T02:00", "2026-11-01T07:00", "2026-11-01T07:00"],
  // 02:00 becomes 01:30 on 5 April, 15:00 UTC the day before.
  ["Australia/Lord_Howe", "2026-04-05T01:15", "2026-04-04T14:15", "2026-04-04T14:15"],
  ["Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45", "2026-04-04T15:15"],
  ["Australia/Lord_Howe", "2026-04-05T02:00", "2026-04-04T15:30", "2026-04-04T15:30"],
];

describe.each([
  ["a time that the wall shows once is one moment", PLAIN],
  ["a time that the clock jumps over is the moment of the jump", LEFT_OUT],
  ["a time that comes twice starts with the first and ends with the second", TWICE],
])("%s", (_, turns) => {
  it.each(turns)("%s, %s", (timeZone, time, starts, ends) => {
    expect(shown(startsAt(wall(time), timeZone))).toBe(starts);
    expect(shown(endsAt(wall(time), timeZone))).toBe(ends);
  });
});

describe("the day on the wall", () => {
  it.each([
    ["UTC", "2026-06-01T23:59", "2026-06-01"],
    ["Europe/Berlin", "2026-06-01T21:59", "2026-06-01"],
    ["Europe/Berlin", "2026-06-01T22:00", "2026-06-02"],
    ["America/New_York", "2026-06-01T03:59", "2026-05-31"],
    ["America/New_York", "2026-06-01T04:00", "2026-06-01"],
    ["Australia/Lord_Howe", "2026-06-01T13:29", "2026-06-01"],
    ["Australia/Lord_Howe", "2026-06-01T13:30", "2026-06-02"],
    ["Europe/Berlin", "2026-10-25T01:30", "2026-10-25"],
  ])("in %s at %s is %s", (timeZone, at, day) => {
    expect(dayOf(Date.parse(`${at}Z`), timeZone)).toBe(Date.parse(day) / 86_400_000);
  });
});
