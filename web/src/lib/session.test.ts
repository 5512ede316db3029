import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Session } from "../../../contract/people.ts";
import { CHECK_EVERY_MS, SessionState } from "./session.svelte.ts";

const session: Session = {
  person: { id: "p", name: "Ada", email: null, role: "operator", tags: null },
  id: "s",
  way: "passkey",
  startedAt: 0,
  freshUntil: 3_600_000,
  expiresAt: 1e9,
  hasWayBack: true,
  demo: false,
  version: "0.0.0",
};
const asked = vi.fn<typeof fetch>();

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", asked);
  asked.mockReset().mockImplementation(async () => Response.json(session));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("the session is asked for again and again, so that a dashboard on a wall stays signed in", async () => {
  const stop = new SessionState(() => {}).start();
  await vi.advanceTimersByTimeAsync(CHECK_EVERY_MS * 2);
  expect(asked).toHaveBeenCalledTimes(3);
  stop();
  await vi.advanceTimersByTimeAsync(CHECK_EVERY_MS * 2);
  expect(asked).toHaveBeenCalledTimes(3);
});

test("questions side by side are one: the answer may bring a new cookie", async () => {
  const state = new SessionState(() => {});
  await Promise.all([state.check(), state.check()]);
  expect(asked).toHaveBeenCalledTimes(1);
  expect(state.isAtLeast("operator")).toBe(true);
  expect(state.isAtLeast("admin")).toBe(false);
  expect([state.isFresh(session.freshUntil - 1), state.isFresh(session.freshUntil)]).toEqual([true, false]);
});

test("an ended session is told once; a lost network changes nothing", async () => {
  const left = vi.fn();
  const state = new SessionState(left);
  await state.check();
  asked.mockRejectedValueOnce(new TypeError("offline"));
  await state.check();
  expect(left).not.toHaveBeenCalled();
  asked.mockResolvedValueOnce(Response.json({ code: "sign_in_required" }, { status: 401 }));
  await state.check();
  expect(left).toHaveBeenCalledExactlyOnceWith(false);
  expect(state.current).toBeNull();
});
