import { Hono, type Context } from "hono";
import { CHECK_ID_PREFIX } from "../../contract/limits.ts";
import { senderOf } from "../auth/address.ts";
import { hashOf } from "../auth/secret.ts";
import { beat } from "../checks/store.ts";
import { database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { Limiter } from "../limits/limiter.ts";
import { notBeyond, tooMany, within } from "../limits/limits.ts";
import { BEATS_PER_MINUTE_MAX, LIMIT_WINDOW_MS } from "../settings.ts";

const perAddress = new Limiter(BEATS_PER_MINUTE_MAX, LIMIT_WINDOW_MS);

/** `<check>-<secret>`: the check's id without its prefix, and 256 bits. */
const ADDRESS = /^([0-9a-f]{16})-([A-Za-z0-9_-]{43})$/;

/**
 * What a job calls when it has run: `/beat/<address>`, or `/beat/<address>/fail` when it went wrong. The address is the secret; any
 * method will do (HEAD is GET to the router), since what calls is a line in a crontab.
 */
export const beatRoutes = new Hono<{ Bindings: Env }>()
  .on(["GET", "POST"], "/beat/:address", (c) => heard(c, false))
  .on(["GET", "POST"], "/beat/:address/fail", (c) => heard(c, true));

async function heard(c: Context<{ Bindings: Env }>, isFailure: boolean): Promise<Response> {
  const now = Date.now();
  const [, name, secret] = ADDRESS.exec(c.req.param("address") ?? "") ?? [];
  // Whoever guesses is soon not asked any more.
  notBeyond("refused", senderOf(c), now);
  if (name === undefined || secret === undefined) throw await unknown(c, now);
  // By the whole address: nobody who knows a check by its name only can use up what is its job's.
  const waitMs = perAddress.take(`${name}-${secret}`, now);
  if (waitMs > 0) throw tooMany(waitMs);
  const id = CHECK_ID_PREFIX + name;
  if (!(await beat(database(c.env.DB), { id, hash: hashOf(secret), isFailure }, now))) throw await unknown(c, now);
  return c.text(isFailure ? "Failure noted.\n" : "OK\n", 200, { "cache-control": "no-store" });
}

async function unknown(c: Context<{ Bindings: Env }>, now: number): Promise<NephosError> {
  await within(c.env, "refused", senderOf(c), now);
  return new NephosError("not_found", "This is the address of no heartbeat.", {
    remedy: "Copy it again from the dashboard: after a new one was made, the old one ends.",
  });
}
