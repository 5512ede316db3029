import type { ApiContext } from "../auth/api.ts";
import { senderOf } from "../auth/address.ts";
import { knownBrowserOf } from "../auth/known-browser.ts";
import { tooMany } from "../limits/limits.ts";
import { calling } from "../live/shard-client.ts";
import type { Attempt } from "./attempts.ts";
import type { SignInLoad, Verdict } from "./sign-in-desk.ts";

/** The desk itself, for what it does without counting. */
export function desk(env: Env) {
  return env.SIGN_IN_DESK.get(env.SIGN_IN_DESK.idFromName("the-only-one"));
}

/** Who tries to open what. The browser counts as known only for the person it once signed in as. */
export async function attemptOf(c: ApiContext, account: string, personId: string | null): Promise<Attempt> {
  const known = await knownBrowserOf(c);
  return { account, sender: senderOf(c), browser: known && known.personId === personId ? known.key : null };
}

/** Whether the password is right. Refuses where too many were tried. */
export async function checkPassword(
  env: Env,
  password: string,
  hash: string | null,
  attempt: Attempt,
): Promise<boolean> {
  const verdict: Verdict = await calling(async () => desk(env).check(password, hash, attempt));
  if (verdict.kind === "too_many") throw tooMany(verdict.waitMs);
  return verdict.kind === "right";
}

export async function hashedPassword(env: Env, password: string): Promise<string> {
  const made = await calling(async () => desk(env).hash(password));
  if ("waitMs" in made) throw tooMany(made.waitMs);
  return made.hash;
}

/** Counts an attempt at a code before it is looked at, and takes it back where `isRight` says that it was. */
export async function countedAttempt(env: Env, attempt: Attempt, isRight: () => Promise<boolean>): Promise<boolean> {
  const waitMs = await calling(async () => desk(env).admit(attempt));
  if (waitMs > 0) throw tooMany(waitMs);
  if (!(await isRight())) return false;
  await calling(async () => desk(env).succeeded(attempt));
  return true;
}

export async function signInLoad(env: Env): Promise<SignInLoad> {
  return calling(async () => desk(env).load());
}

export async function sweepDesk(env: Env): Promise<void> {
  await calling(async () => desk(env).sweep());
}
