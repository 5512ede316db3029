import type { EpochMs } from "../../contract/units.ts";
import { recordDone } from "../audit/record.ts";
import { api, type ApiContext } from "../auth/api.ts";
import { actorOf } from "../auth/gate.ts";
import { findPerson } from "../auth/store.ts";
import { database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { calling } from "../live/shard-client.ts";
import { log, messageOf } from "../log.ts";
import { vaultOf } from "../vault/vault.ts";
import { attemptOf, checkPassword, countedAttempt, desk } from "./desk-client.ts";
import { offers } from "./offers.ts";
import { findPasskey, usedPasskey } from "./passkey-store.ts";
import { findPasswordOf, findTotp, takeTotpStep, useRecoveryCode } from "./password-store.ts";
import { totpPurpose } from "./sealed-columns.ts";
import { letIn, turnedAway } from "./sign-in.ts";
import { giveStep, openStep } from "./step.ts";
import { isTotpCode, recoveryHash, stepOfCode } from "./totp.ts";
import { isHuman } from "./turnstile.ts";

/** The ways in that are ours: password, with a second step where its owner wants one, and passkey. */
export const signInRoutes = api({
  "GET /api/sign-in": async (c) => offers(c, Date.now()),

  "POST /api/sign-in/password": async (c, { body: { email, password, turnstile } }) => {
    const now = Date.now();
    const db = database(c.env.DB);
    if (!(await isHuman(c, turnstile))) {
      await turnedAway(c, claimedAddress(email), "the Turnstile check failed", now);
      throw new NephosError("credentials_wrong", "The check that you are a person did not succeed.", {
        field: "turnstile",
        remedy: "Reload the page and try again.",
      });
    }
    const found = await findPasswordOf(db, email);
    const attempt = await attemptOf(c, `password ${email}`, found?.personId ?? null);
    if (!(await checkPassword(c.env, password, found?.hash ?? null, attempt))) {
      await turnedAway(
        c,
        claimedAddress(email),
        found ? "the password is wrong" : "nobody has this address and a password",
        now,
      );
      throw new NephosError("credentials_wrong", "This address and password do not belong together.", {
        remedy: "Try again, or sign in another way. An owner can have a new link printed.",
      });
    }
    const { personId } = found!;
    if ((await findTotp(db, personId))?.confirmedAt) {
      await giveStep(c, "code", { personId }, now);
      return { session: null };
    }
    return { session: await letIn(c, (await findPerson(db, personId))!, "password", now) };
  },

  "POST /api/sign-in/code": async (c, { body: { code } }) => {
    const now = Date.now();
    const db = database(c.env.DB);
    const open = await openStep(c, "code", now);
    if (!open) throw await stepExpired(c, "a code without a password before it", now);
    const { personId } = open.step;
    const person = await findPerson(db, personId);
    const attempt = await attemptOf(c, `code ${personId}`, personId);
    const isRight = await countedAttempt(c.env, attempt, async () => isCodeOf(c, personId, code, now));
    if (!person || !isRight) {
      await turnedAway(c, person?.name ?? null, "the code is wrong, or was used before", now);
      throw new NephosError("code_wrong", "This code is not right, or was used before.", {
        field: "code",
        remedy: "Wait for the next code of your app, or use a recovery code.",
      });
    }
    if (!(await open.finish())) throw await stepExpired(c, "this step was finished before", now);
    return letIn(c, person, "password", now);
  },

  "POST /api/sign-in/passkey/options": async (c) => {
    const { origin } = new URL(c.req.url);
    const { challenge, options } = await calling(async () => desk(c.env).authenticationOptions(origin));
    await giveStep(c, "passkey", { challenge }, Date.now());
    return { options: JSON.parse(options) as Record<string, unknown> };
  },

  "POST /api/sign-in/passkey": async (c, { body: { response } }) => {
    const now = Date.now();
    const db = database(c.env.DB);
    const open = await openStep(c, "passkey", now);
    if (!open) throw await stepExpired(c, "a passkey's answer without a challenge", now);
    const { origin } = new URL(c.req.url);
    const credentialId = response["id"];
    const found = typeof credentialId === "string" ? await findPasskey(db, credentialId) : undefined;
    const counter =
      found &&
      (await calling(async () =>
        desk(c.env).verifiedAuthentication(origin, open.step.challenge, response, found.passkey),
      ));
    if (!found || counter === undefined) {
      await turnedAway(
        c,
        found?.person.name ?? null,
        found ? "the passkey's answer is not right" : "an unknown passkey",
        now,
      );
      throw new NephosError("passkey_refused", "This passkey is not known here, or did not sign what it should.", {
        remedy: "Try again, or sign in another way.",
      });
    }
    if (!(await open.finish())) throw await stepExpired(c, "this challenge was answered before", now);
    await usedPasskey(db, found.passkey.id, counter, now);
    return letIn(c, found.person, "passkey", now);
  },
});

/** People type their password into the wrong field: what is no address stays out of the log. */
function claimedAddress(text: string): string | null {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text) ? text : null;
}

/** A code of the app, each good once; or one of the recovery codes. */
async function isCodeOf(c: ApiContext, personId: string, code: string, now: EpochMs): Promise<boolean> {
  const db = database(c.env.DB);
  if (isTotpCode(code)) {
    const totp = await findTotp(db, personId);
    if (!totp?.confirmedAt) return false;
    const secret = await openedSecret(c.env, totp.secret, personId);
    const step = secret === null ? null : await stepOfCode(secret, code.replaceAll(" ", ""), now);
    return step !== null && takeTotpStep(db, personId, step);
  }
  if (!(await useRecoveryCode(db, personId, recoveryHash(personId, code), now))) return false;
  const person = await findPerson(db, personId);
  const actor = { ...actorOf(c, null), id: personId, name: person?.name ?? null };
  await recordDone(db, actor, { action: "recovery_code.used" }, now);
  return true;
}

/** Null where the key it was sealed with is lost: the app's codes are then worth nothing, recovery codes still are. */
async function openedSecret(env: Env, sealed: string, personId: string): Promise<string | null> {
  try {
    return await vaultOf(env).open(sealed, totpPurpose(personId));
  } catch (error) {
    log({ event: "secret_unreadable", what: `two-step sign-in of person ${personId}`, message: messageOf(error) });
    return null;
  }
}

async function stepExpired(c: ApiContext, reason: string, now: EpochMs): Promise<NephosError> {
  await turnedAway(c, null, reason, now);
  return new NephosError("step_expired", "This took too long, or was begun in another browser.", {
    remedy: "Begin again.",
  });
}
