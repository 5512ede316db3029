import type { EnrolReply, EnrolRequest } from "../contract/agents.ts";
import type { ErrorReply } from "../contract/ingest.ts";
import type { DurationMs, EpochMs } from "../contract/units.ts";
import { backoffMs, parseRetryAfter } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import { exchange, type HttpReply } from "./http-request.ts";
import type { Log } from "./log.ts";
import { lineOfParts, parsedObject, reasonOf, refusalInWords } from "./reply.ts";
import { isOwnToken, isWholeToken } from "./token.ts";

const ATTEMPT_LIMIT_MS: DurationMs = 10_000;
/** No attempt begins later: somebody is waiting, and with the last one this makes half a minute. */
const LAST_BEGIN_MS: DurationMs = 20_000;
const REPLY_BYTES_MAX = 16_000;

export interface Enrolling {
  enrolUrl: string;
  /** The enrolment token. */
  token: string;
  version: string;
  instance: EnrolRequest["instance"];
}

export type Enrolled = { kind: "enrolled"; token: string } | { kind: "failed"; why: string };

type Answer =
  | { kind: "enrolled"; token: string }
  | { kind: "refused"; code?: string; why: string }
  | { kind: "away"; why: string; retryAfterMs: DurationMs; isMaybeSpent: boolean };

/** Exchanges the enrolment token for the agent's own, trying again for a while where the edge is away or busy. */
export async function exchangeToken(enrolling: Enrolling, clock: Clock, log: Log): Promise<Enrolled> {
  const beganMs = clock.monotonicMs();
  let isMaybeSpent = false;
  for (let failures = 1; ; failures++) {
    const answer = await ask(enrolling, clock.wallMs());
    if (answer.kind === "enrolled") return answer;
    if (answer.kind === "refused") {
      const isSpent = isMaybeSpent && answer.code === "token_unknown";
      return { kind: "failed", why: isSpent ? `${answer.why}. ${SPENT}` : answer.why };
    }
    isMaybeSpent ||= answer.isMaybeSpent;
    const delayMs = backoffMs(failures, clock.random(), answer.retryAfterMs);
    if (clock.monotonicMs() - beganMs + delayMs > LAST_BEGIN_MS) {
      const seconds = Math.ceil(answer.retryAfterMs / 1_000);
      const again = seconds > 0 ? `Try again in ${seconds} s` : "Try again later";
      return { kind: "failed", why: `${answer.why}. ${again}${isMaybeSpent ? `. ${MAYBE_SPENT}` : ""}` };
    }
    log.info(`${answer.why}. Next attempt in ${Math.round(delayMs / 1_000)} s`);
    await new Promise<void>((resolve) => clock.after(delayMs, resolve));
  }
}

// An answer that was lost may have carried the agent's own token, and nobody can ask for it a second time.
const SPENT =
  "An attempt before this one brought no answer and may have used the token up: make a new install line in the dashboard";
const MAYBE_SPENT =
  "Should the token be unknown then, this attempt used it up: make a new install line in the dashboard";

async function ask({ enrolUrl, token, version, instance }: Enrolling, wallMs: EpochMs): Promise<Answer> {
  try {
    const reply = await exchange({
      url: enrolUrl,
      method: "POST",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        "user-agent": `nephos-agent/${version}`,
        // A kept connection that turns out to be closed is asked again unseen, which would hide a token that was used up.
        connection: "close",
      },
      body: JSON.stringify({ instance } satisfies EnrolRequest),
      timeoutMs: ATTEMPT_LIMIT_MS,
      replyBytesMax: REPLY_BYTES_MAX,
    });
    return answerOf(reply, instance.id, wallMs);
  } catch (error) {
    const { syscall } = error as NodeJS.ErrnoException;
    const wasAsked = syscall !== "connect" && syscall !== "getaddrinfo";
    const why = reasonOf(error as NodeJS.ErrnoException);
    return { kind: "away", why, retryAfterMs: 0, isMaybeSpent: wasAsked };
  }
}

function answerOf({ status, headers, body }: HttpReply, instanceId: string, wallMs: EpochMs): Answer {
  const parsed = parsedObject(body) ?? {};
  if (status >= 200 && status < 300) {
    const { token, instanceId: enrolledId } = parsed as Partial<EnrolReply>;
    if (typeof token === "string" && isOwnToken(token) && isWholeToken(token) && enrolledId === instanceId) {
      return { kind: "enrolled", token };
    }
    return { kind: "refused", why: `It answered ${status}, but not as Nephos does: check NEPHOS_ENDPOINT` };
  }
  const refusal = parsed as Partial<ErrorReply>;
  if (status === 429 || status >= 500) {
    const retryAfterMs = parseRetryAfter(headers["retry-after"], wallMs);
    // Whoever counts requests does so before anything else; any other fault may have come after the exchange.
    return { kind: "away", why: refusalInWords(status, refusal), retryAfterMs, isMaybeSpent: status !== 429 };
  }
  if (typeof refusal.code !== "string" || !/^[a-z_]{1,40}$/.test(refusal.code)) {
    const why = `${refusalInWords(status, refusal)}. Check that NEPHOS_ENDPOINT is the address of your Nephos`;
    return { kind: "refused", why };
  }
  // The code comes first and in this form because the installer reads it.
  const told = lineOfParts([refusal.message ?? refusal.error, refusal.remedy]);
  return { kind: "refused", code: refusal.code, why: `${status} ${refusal.code}: ${told}` };
}
