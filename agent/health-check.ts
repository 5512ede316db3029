import type { DurationMs } from "../contract/units.ts";
import type { Clock } from "./clock.ts";
import type { Collected } from "./collectors/collector.ts";
import { exchange } from "./http-request.ts";

const CHECK_LIMIT_MS: DurationMs = 5_000;
const REDIRECTS_MAX = 3;
/** The body is not looked at. */
const BODY_BYTES_MAX = 65_536;

/** Asks the operator's own health address, from this machine, beside the collectors. */
export class HealthCheck {
  readonly #url: string;
  readonly #clock: Clock;
  #running: Promise<void> | undefined;
  #finished: Collected | undefined;

  constructor(url: string, clock: Clock) {
    this.#url = url;
    this.#clock = clock;
  }

  /** Begins a check, unless one is still under way. */
  begin(): void {
    this.#running ??= checkHealth(this.#url, this.#clock).then((collected) => {
      this.#finished = collected;
      this.#running = undefined;
    });
  }

  /** The check's result, waiting no longer than this. One that is slower goes into a later sample, and each into one only. */
  async take(waitMs: DurationMs): Promise<Collected> {
    if (this.#running && !this.#finished) {
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.after(waitMs, resolve);
        void this.#running!.then(resolve).finally(cancel);
      });
    }
    const collected = this.#finished ?? {};
    this.#finished = undefined;
    return collected;
  }
}

/** Up is any answer below 400. No answer, a bad certificate or too many redirects: down, and no status code to tell. */
export async function checkHealth(url: string, clock: Clock): Promise<Collected> {
  const startedMs = clock.monotonicMs();
  const elapsedSeconds = () => (clock.monotonicMs() - startedMs) / 1_000;
  try {
    const status = await statusOf(url, startedMs + CHECK_LIMIT_MS, clock);
    return { health_up: status < 400 ? 1 : 0, health_status_code: status, health_response_seconds: elapsedSeconds() };
  } catch {
    return { health_up: 0, health_response_seconds: elapsedSeconds() };
  }
}

async function statusOf(url: string, deadlineMs: number, clock: Clock): Promise<number> {
  let next = url;
  for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects++) {
    const reply = await exchange({
      url: next,
      method: "GET",
      headers: { "user-agent": "nephos-agent" },
      timeoutMs: Math.max(1, deadlineMs - clock.monotonicMs()),
      replyBytesMax: BODY_BYTES_MAX,
      isReplyCut: true,
    });
    const isRedirect = [301, 302, 303, 307, 308].includes(reply.status) && reply.headers.location !== undefined;
    if (!isRedirect) return reply.status;
    next = new URL(reply.headers.location!, next).href;
    if (!/^https?:/.test(next)) throw new Error("redirected to something that is not HTTP");
  }
  throw new Error(`more than ${REDIRECTS_MAX} redirects`);
}
