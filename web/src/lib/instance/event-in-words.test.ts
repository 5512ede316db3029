import { expect, test } from "vitest";
import { INSTANCE_EVENT_KINDS, type InstanceEvent } from "../../../../contract/events.ts";
import { eventInWords } from "./event-in-words.ts";

const event = (over: Partial<InstanceEvent>): InstanceEvent => ({
  at: 0,
  kind: "changed",
  what: null,
  before: null,
  after: null,
  ...over,
});
const title = (over: Partial<InstanceEvent>) => eventInWords(event(over), "Vultr").title;

test("a change says what it was and what it is", () => {
  expect(title({ what: "plan", before: "vc2-1c-1gb", after: "vc2-2c-4gb" })).toBe(
    "Plan changed: vc2-1c-1gb → vc2-2c-4gb",
  );
  expect(title({ what: "publicAddresses", after: "192.0.2.1" })).toBe("Public addresses changed: none → 192.0.2.1");
  expect(title({ what: "zone", before: "a" })).toBe("Zone changed: a → none");
});

test("what its provider did is told with the provider's name", () => {
  expect(title({ kind: "gone" })).toBe("Gone: no longer listed by Vultr");
  expect(title({ kind: "back" })).toBe("Back: listed by Vultr again");
  expect(eventInWords(event({ kind: "stopped", after: "active, stopped" }), "Vultr").detail).toBe(
    "Vultr says active, stopped",
  );
});

test("a verdict is told from what to what, and why", () => {
  const said = eventInWords(event({ kind: "verdict", what: "HTTPS refused", before: "up", after: "down" }));
  expect(said).toEqual({ title: "Up → Down", detail: "HTTPS refused", verdict: "down" });
  expect(eventInWords(event({ kind: "verdict", before: null, after: "up" })).title).toBe("Up");
});

test.each(INSTANCE_EVENT_KINDS)("%s has words even where nothing more is known of it", (kind) => {
  expect(title({ kind })).toMatch(/^[A-Z][a-z]/);
});
