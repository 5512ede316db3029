import { expect, it } from "vitest";
import { METRICS, type Readings } from "../../contract/metric.ts";
import { packKey, packReadings, unpackKey } from "./packed.ts";

const NAMES = Object.keys(METRICS);

it("gives every known metric a name of its own that no custom metric can have, and back", () => {
  expect(new Set(NAMES.map(packKey)).size).toBe(NAMES.length);
  for (const name of NAMES) {
    expect(packKey(name)).toMatch(/^[A-Z]\d$/);
    expect(unpackKey(packKey(name))).toBe(name);
    expect(unpackKey(packKey(`${name}:/mnt/a:b`))).toBe(`${name}:/mnt/a:b`);
  }
});

it("keeps custom metrics under their own names, those of an object's own fields included", () => {
  for (const key of ["queue_depth", "queue_depth:mail out", "constructor", "c0", "tostring:x"]) {
    expect(packKey(key)).toBe(key);
    expect(unpackKey(key)).toBe(key);
  }
});

it("gives back exactly the numbers it was given", () => {
  const readings: Readings = {
    cpu_busy_ratio: 0.1 + 0.2,
    "filesystem_used_bytes:/srv/é": 2 ** 53,
    network_received_bytes: 1e21,
    temperature_offset: -1.5e-7,
    load_1m: 0,
  };
  const back = (packed: string) =>
    Object.fromEntries(Object.entries(JSON.parse(packed) as Readings).map(([key, value]) => [unpackKey(key), value]));
  expect(back(packReadings(readings))).toEqual(readings);
  expect(back(packReadings({}))).toEqual({});
});

it("names in the database stay what they are, so that history keeps its meaning", () => {
  expect(["cpu_busy_ratio", "memory_used_ratio", "uptime_seconds", "agent_samples_dropped"].map(packKey)).toEqual([
    "C0",
    "M6",
    "U0",
    "A5",
  ]);
});
