import { api } from "../auth/api.ts";
import * as auth from "../auth/store.ts";
import { database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { calling, shard } from "../live/shard-client.ts";
import { PASSKEYS_PER_PERSON_MAX } from "../settings.ts";
import { vaultOf } from "../vault/vault.ts";
import { emailTaken, notFound, record, sessionOfBrowser } from "./acting.ts";
import { attemptOf, countedAttempt, desk, hashedPassword } from "./desk-client.ts";
import * as passkeys from "./passkey-store.ts";
import * as store from "./password-store.ts";
import { setEmailOnce } from "./people-store.ts";
import { totpPurpose } from "./sealed-columns.ts";
import { requireAnotherWay } from "./sign-in.ts";
import { giveStep, openStep } from "./step.ts";
import { newRecoveryCodes, newTotp, recoveryHash, stepOfCode } from "./totp.ts";

/** How one signs in again: passkeys, a password, the step after it. All of it takes a fresh session. */
export const waysBackRoutes = api({
  "PUT /api/account/password": async (c, { body: { password, email } }) => {
    const db = database(c.env.DB);
    const { person } = c.var.principal;
    if (person.email === null) {
      if (email === undefined) {
        throw new NephosError("invalid_field", "email: is needed, because this account has none yet", {
          field: "email",
          remedy: "Send the address you want to sign in with.",
        });
      }
      if (!(await setEmailOnce(db, person.id, email))) throw emailTaken();
    }
    const before = await store.hasPassword(db, person.id);
    await store.savePassword(db, person.id, await hashedPassword(c.env, password), Date.now());
    // Whoever had the old one is out.
    const ended = await auth.deleteSessionsOf(db, person.id, { except: sessionOfBrowser(c).id });
    await calling(async () => shard(c.env).sessionsEnded(ended));
    await record(c, { action: "password.set", before: before ? "there was one" : "there was none" });
  },

  "DELETE /api/account/password": async (c) => {
    const db = database(c.env.DB);
    const { person } = c.var.principal;
    await requireAnotherWay(db, person.id, "password");
    if (!(await store.deletePassword(db, person.id))) throw notFound("password");
    await record(c, { action: "password.removed" });
  },

  "POST /api/account/totp": async (c) => {
    const db = database(c.env.DB);
    const { person } = c.var.principal;
    if (!(await store.hasPassword(db, person.id))) {
      throw new NephosError("not_found", "Two-step sign-in comes after a password, and there is none.", {
        remedy: "Set a password first. A passkey needs no second step: it is two in one.",
      });
    }
    const { secret, url } = await newTotp(person.email ?? person.name);
    if (!(await store.beginTotp(db, person.id, await vaultOf(c.env).seal(secret, totpPurpose(person.id))))) {
      throw new NephosError("too_many_kept", "Two-step sign-in is on already.", {
        remedy: "Switch it off first, to begin with another app.",
      });
    }
    return { secret, url };
  },

  "POST /api/account/totp/confirm": async (c, { body: { code } }) => {
    const db = database(c.env.DB);
    const now = Date.now();
    const { person } = c.var.principal;
    const totp = await store.findTotp(db, person.id);
    if (!totp || totp.confirmedAt !== null) throw notFound("beginning of two-step sign-in");
    const secret = await vaultOf(c.env).open(totp.secret, totpPurpose(person.id));
    const attempt = await attemptOf(c, `code ${person.id}`, person.id);
    const isRight = await countedAttempt(c.env, attempt, async () => {
      const step = await stepOfCode(secret, code.replaceAll(" ", ""), now);
      return step !== null && store.takeTotpStep(db, person.id, step, now);
    });
    if (!isRight) {
      throw new NephosError("code_wrong", "This code is not right.", {
        field: "code",
        remedy: "Wait for the next one. If none is right, set this device's clock.",
      });
    }
    const recoveryCodes = newRecoveryCodes();
    await store.replaceRecoveryCodes(
      db,
      person.id,
      recoveryCodes.map((one) => recoveryHash(person.id, one)),
    );
    await record(c, { action: "totp.on" });
    return { recoveryCodes };
  },

  "DELETE /api/account/totp": async (c) => {
    if (!(await store.deleteTotp(database(c.env.DB), c.var.principal.person.id))) throw notFound("two-step sign-in");
    await record(c, { action: "totp.off" });
  },

  "POST /api/account/recovery-codes": async (c) => {
    const db = database(c.env.DB);
    const { person } = c.var.principal;
    if (!(await store.findTotp(db, person.id))?.confirmedAt) throw notFound("two-step sign-in");
    const recoveryCodes = newRecoveryCodes();
    await store.replaceRecoveryCodes(
      db,
      person.id,
      recoveryCodes.map((one) => recoveryHash(person.id, one)),
    );
    await record(c, { action: "recovery_codes.made" });
    return { recoveryCodes };
  },

  "POST /api/account/passkeys/options": async (c) => {
    const { person } = c.var.principal;
    const existing = await passkeys.credentialsOf(database(c.env.DB), person.id);
    const { origin } = new URL(c.req.url);
    const { challenge, options } = await calling(async () => desk(c.env).registrationOptions(origin, person, existing));
    await giveStep(c, "newPasskey", { challenge, personId: person.id }, Date.now());
    return { options: JSON.parse(options) as Record<string, unknown> };
  },

  "POST /api/account/passkeys": async (c, { body: { label, response } }) => {
    const db = database(c.env.DB);
    const now = Date.now();
    const { person } = c.var.principal;
    if ((await passkeys.countPasskeys(db, person.id)) >= PASSKEYS_PER_PERSON_MAX) {
      throw new NephosError("too_many_kept", `An account has at most ${PASSKEYS_PER_PERSON_MAX} passkeys.`, {
        remedy: "Remove one that is not used any more.",
      });
    }
    const { origin } = new URL(c.req.url);
    const open = await openStep(c, "newPasskey", now);
    const made =
      open?.step.personId === person.id
        ? await calling(async () => desk(c.env).verifiedRegistration(origin, open.step.challenge, response))
        : undefined;
    if (!open || !made || !(await open.finish())) {
      throw new NephosError("passkey_refused", "This passkey did not sign what it should.", { remedy: "Try again." });
    }
    const told = { id: crypto.randomUUID(), label, createdAt: now, lastUsedAt: null };
    if (!(await passkeys.insertPasskey(db, { ...told, ...made, personId: person.id }))) {
      throw new NephosError("passkey_refused", "This passkey is kept already.", { remedy: "Use another device." });
    }
    await record(c, { action: "passkey.added", subject: label });
    return told;
  },

  "PATCH /api/account/passkeys/:id": async (c, { body: { label } }) => {
    const { person } = c.var.principal;
    const before = await passkeys.renamePasskey(database(c.env.DB), person.id, c.req.param("id")!, label);
    if (before === undefined) throw notFound("passkey");
    await record(c, { action: "passkey.renamed", before, after: label });
  },

  "DELETE /api/account/passkeys/:id": async (c) => {
    const db = database(c.env.DB);
    const { person } = c.var.principal;
    const id = c.req.param("id")!;
    await requireAnotherWay(db, person.id, id);
    const label = await passkeys.deletePasskey(db, person.id, id);
    if (label === undefined) throw notFound("passkey");
    await record(c, { action: "passkey.removed", subject: label });
  },
});
