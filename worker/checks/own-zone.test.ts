import { expect, it } from "vitest";
import { ownZoneOf, ownZoneWarning } from "./own-zone.ts";

const OWN = ["status.example.co.uk", "nephos.account.workers.dev"];

it.each(["status.example.co.uk", "STATUS.example.co.uk", "status.example.co.uk."])("%s is Nephos itself", (host) => {
  const zone = ownZoneOf(host, OWN)!;
  expect(zone).toEqual({ own: "status.example.co.uk", isItself: true });
  expect(ownZoneWarning(zone)).toMatch(/^This is Nephos' own hostname: a Worker cannot fetch itself from outside/);
});

it.each([
  ["shop.example.co.uk", "status.example.co.uk"],
  ["example.co.uk", "status.example.co.uk"],
  ["other.account.workers.dev", "nephos.account.workers.dev"],
])("%s is a neighbour of %s", (host, own) => {
  const zone = ownZoneOf(host, OWN)!;
  expect(zone).toEqual({ own, isItself: false });
  expect(ownZoneWarning(zone)).toContain(`in the same zone as Nephos' own hostname ${own}`);
});

it.each(["example.com", "other.co.uk", "nephos.another.workers.dev", "192.0.2.7", "[2001:db8::1]", "localhost", ""])(
  "%s is somebody else's",
  (host) => {
    expect(ownZoneOf(host, OWN)).toBeUndefined();
    expect(ownZoneOf(host, ["localhost:8787", "127.0.0.1"])).toBeUndefined();
  },
);
