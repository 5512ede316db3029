import { expect, it } from "vitest";
import {
  PASSWORD_CHECKS_PER_MINUTE_MAX,
  WRONG_PER_ACCOUNT_MAX,
  WRONG_PER_SENDER_MAX,
  WRONG_WINDOW_MS,
} from "../settings.ts";
import { Attempts, type Attempt } from "./attempts.ts";

function newAttempts() {
  const kept = new Map<string, { count: number; beganAt: number }>();
  let writes = 0;
  const attempts = new Attempts({
    get: (key) => kept.get(key),
    set: (key, count, beganAt) => {
      writes++;
      kept.set(key, { count, beganAt });
    },
  });
  return { attempts, kept, writes: () => writes };
}

const stranger = (account: string, sender: string): Attempt => ({ account, sender, browser: null });

it("strangers who get an account's password wrong do not keep out its owner, in whose browser they never sat", () => {
  const { attempts } = newAttempts();
  let now = 0;
  let admitted = 0;
  for (let i = 0; i < 10_000; i++) {
    if (attempts.admit(stranger("owner@example.com", `10.0.${i >> 8}.${i & 255}`), now) === 0) admitted++;
    now += 6;
  }
  expect(admitted).toBe(WRONG_PER_ACCOUNT_MAX);
  const owner = { account: "owner@example.com", sender: "10.0.0.1", browser: "known" };
  expect(attempts.admit(owner, now)).toBe(0);
});

it("a known browser that is wrong too often waits too, and is told how long", () => {
  const { attempts } = newAttempts();
  const thief = { account: "a", sender: "s", browser: "stolen" };
  for (let i = 0; i < WRONG_PER_ACCOUNT_MAX; i++) expect(attempts.admit(thief, 1_000)).toBe(0);
  expect(attempts.admit(thief, 61_000)).toBe(WRONG_WINDOW_MS - 60_000);
  expect(attempts.admit(thief, 1_000 + WRONG_WINDOW_MS)).toBe(0);
});

it("whoever was right is not counted as wrong, however often they sign in", () => {
  const { attempts } = newAttempts();
  const one = { account: "a", sender: "s", browser: "known" };
  for (let i = 0; i < 100; i++) {
    expect(attempts.admit(one, i)).toBe(0);
    attempts.succeeded(one, i);
  }
});

it("in any order of attempts no limit is passed, and what is refused costs no write", () => {
  const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
  console.log(`seed ${seed}`);
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const { attempts, writes } = newAttempts();
  const admitted: (Attempt & { at: number; isRight: boolean })[] = [];
  let now = 0;
  for (let step = 0; step < 5_000; step++) {
    now += Math.floor(random() ** 4 * 20_000);
    const attempt: Attempt = {
      account: `account ${Math.floor(random() * 4)}`,
      sender: `sender ${Math.floor(random() * 6)}`,
      browser: random() < 0.2 ? `browser ${Math.floor(random() * 2)}` : null,
    };
    const before = writes();
    const waitMs = attempts.admit(attempt, now);
    if (waitMs > 0) {
      expect(writes(), `seed ${seed}`).toBe(before);
      expect(waitMs).toBeLessThanOrEqual(WRONG_WINDOW_MS);
      continue;
    }
    const isRight = random() < 0.2;
    if (isRight) attempts.succeeded(attempt, now);
    admitted.push({ ...attempt, at: now, isRight });
    // Fixed windows: within any one window's length there are at most two of them.
    const since = (ms: number) => admitted.filter(({ at }) => at > now - ms);
    const strangers = (ms: number) => since(ms).filter(({ browser }) => browser === null);
    const wrong = (list: typeof admitted) => list.filter((one) => !one.isRight).length;
    expect(strangers(60_000).length, `seed ${seed}`).toBeLessThanOrEqual(2 * PASSWORD_CHECKS_PER_MINUTE_MAX);
    const ofAccount = strangers(WRONG_WINDOW_MS).filter(({ account }) => account === attempt.account);
    expect(wrong(ofAccount), `seed ${seed}`).toBeLessThanOrEqual(2 * WRONG_PER_ACCOUNT_MAX);
    const ofSender = strangers(WRONG_WINDOW_MS).filter(({ sender }) => sender === attempt.sender);
    expect(wrong(ofSender), `seed ${seed}`).toBeLessThanOrEqual(2 * WRONG_PER_SENDER_MAX);
  }
  expect(admitted.length).toBeGreaterThan(100);
});
