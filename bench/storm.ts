import type { Session, SignInWays } from "../contract/people.ts";
import { round } from "./figures.ts";
import { cookiesOf, migrate, signIn } from "./seed.ts";
import { startWorkerd } from "./workerd.ts";

const ATTEMPTS = 10_000;
const CONNECTIONS = 64;
const STORM_MS = 55_000;
const OWNER_EVERY_MS = 5_000;
const EMAIL = "owner@example.com";
const OWNERS_ADDRESS = "192.0.2.1";
const PASSWORD = "a few words that are easy to keep in mind";

const pause = (delayMs: number) => new Promise((resolve) => setTimeout(resolve, delayMs));

/** Who a wrong password comes from, and whose it is claimed to be. */
type Guess = (attempt: number) => { sender: string; email: string };

/**
 * Ten thousand wrong passwords within a minute, meanwhile the owner signs in by password every five seconds, from a browser that
 * has signed in before. First all from one sender, which is the owner's own, for the owner's account; then, as a botnet would,
 * each from another sender for another account, so that no count of either stops them.
 */
export async function storm(): Promise<Record<string, number>> {
  const one = await measure("one sender", () => ({ sender: OWNERS_ADDRESS, email: EMAIL }));
  const many = await measure("a sender each", (attempt) => ({
    sender: `10.${attempt >> 16}.${(attempt >> 8) & 255}.${attempt & 255}`,
    email: `somebody-${attempt}@example.com`,
  }));
  return {
    slowestOwnerMs: one.slowestOwnerMs,
    passwordChecks: one.passwordChecks,
    slowestOwnerMsManySenders: many.slowestOwnerMs,
    passwordChecksManySenders: many.passwordChecks,
    attempts: one.attempts + many.attempts,
    gotIn: one.gotIn + many.gotIn,
  };
}

async function measure(name: string, guess: Guess) {
  await awayFromMidnight();
  const workerd = await startWorkerd();
  const { app, d1 } = workerd.url;
  try {
    await migrate(d1);
    const owner = await Owner.withPassword(app, await signIn(d1, app));
    const checksBefore = await owner.passwordChecks();
    const statuses: Record<number, number> = {};
    const began = performance.now();
    const storming = Promise.all(
      Array.from({ length: CONNECTIONS }, async (_, lane) => {
        for (let attempt = lane; attempt < ATTEMPTS; attempt += CONNECTIONS) {
          // Spread over the minute: at once it would be over before the owner came.
          await pause(Math.max(0, (attempt / ATTEMPTS) * STORM_MS - (performance.now() - began)));
          const status = await tryPassword(app, guess(attempt), `not the password ${attempt}`);
          statuses[status] = (statuses[status] ?? 0) + 1;
        }
      }),
    );
    const times: number[] = [];
    for (let at = OWNER_EVERY_MS / 2; at < STORM_MS; at += OWNER_EVERY_MS) {
      await pause(Math.max(0, at - (performance.now() - began)));
      times.push(await owner.signInByPassword());
    }
    await storming;
    const tookMs = performance.now() - began;
    const passwordChecks = (await owner.passwordChecks()) - checksBefore;
    console.error(
      `${name.padEnd(14)} ${ATTEMPTS} attempts in ${(tookMs / 1_000).toFixed(1)} s: ${JSON.stringify(statuses)}; ` +
        `${passwordChecks} passwords checked; the owner's ${times.length} sign-ins, ms: ` +
        times.map((time) => time.toFixed(0)).join(", "),
    );
    if (tookMs > 60_000) throw new Error("The storm took longer than a minute: this machine is too slow for it.");
    return {
      slowestOwnerMs: round(Math.max(...times), 0),
      passwordChecks,
      attempts: ATTEMPTS,
      gotIn: statuses[200] ?? 0,
    };
  } finally {
    await workerd.stop();
  }
}

/** What was checked is counted by the day (UTC), and the count must not begin anew in between. */
async function awayFromMidnight(): Promise<void> {
  const leftMs = 86_400_000 - (Date.now() % 86_400_000);
  if (leftMs > 2 * STORM_MS) return;
  console.error("It is nearly midnight (UTC): waiting until it is over.");
  await pause(leftMs + 1_000);
}

/** All through the front door; whoever asks is known by what Cloudflare would say of their address. */
function send(
  request: `${"POST" | "PUT"} /${string}`,
  app: string,
  headers: Record<string, string>,
  body: unknown,
): Promise<Response> {
  const [method, path] = request.split(" ") as ["POST" | "PUT", string];
  return fetch(app + path, {
    method,
    headers: { origin: app, "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

async function tryPassword(app: string, { sender, email }: ReturnType<Guess>, password: string): Promise<number> {
  const reply = await send("POST /api/sign-in/password", app, { "cf-connecting-ip": sender }, { email, password });
  await reply.arrayBuffer();
  return reply.status;
}

/** The owner's browser, behind the same address as the one sender of the storm. */
class Owner {
  readonly #app: string;
  #cookie: string;

  private constructor(app: string, cookie: string) {
    this.#app = app;
    this.#cookie = cookie;
  }

  static async withPassword(app: string, cookie: string): Promise<Owner> {
    const body = { email: EMAIL, password: PASSWORD };
    const set = await send("PUT /api/account/password", app, { cookie }, body);
    if (!set.ok) throw new Error(`The password was not set: ${set.status} ${await set.text()}`);
    return new Owner(app, cookie);
  }

  /** How long it took. Signed out before, as far as the browser goes: it keeps the note that it has signed in once. */
  async signInByPassword(): Promise<number> {
    const known = this.#cookie.split("; ").filter((cookie) => cookie.startsWith("nephos_browser="));
    const headers = { cookie: known.join("; "), "cf-connecting-ip": OWNERS_ADDRESS };
    const began = performance.now();
    const reply = await send("POST /api/sign-in/password", this.#app, headers, { email: EMAIL, password: PASSWORD });
    const answer = (await reply.json()) as { session?: Session };
    const tookMs = performance.now() - began;
    if (!answer.session) throw new Error(`The owner was refused: ${reply.status} ${JSON.stringify(answer)}`);
    this.#cookie = cookiesOf(reply);
    return tookMs;
  }

  async passwordChecks(): Promise<number> {
    const reply = await fetch(`${this.#app}/api/sign-in-ways`, { headers: { cookie: this.#cookie } });
    if (!reply.ok) throw new Error(`The load was not told: ${reply.status} ${await reply.text()}`);
    return ((await reply.json()) as SignInWays).load.passwordChecksToday;
  }
}
