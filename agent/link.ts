import type { AgentHello, AgentMessage, EdgeMessage } from "../contract/agent-link.ts";
import { CLOSE_REFUSED, CLOSE_TOKEN_REVOKED, PING, PONG } from "../contract/limits.ts";
import type { ErrorReply } from "../contract/ingest.ts";
import type { DurationMs } from "../contract/units.ts";
import { parseRetryAfter } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import { parseEdgeMessage, type EdgeError } from "./edge-message.ts";
import { Heartbeat } from "./heartbeat.ts";
import { lineOfParts, parsedObject, reasonOf, refusalInWords } from "./reply.ts";
import { ClientSocket, type SocketEnd } from "./websocket.ts";
import { CLOSE } from "./websocket-frames.ts";

/** From the open socket to the edge's `welcome`. */
const WELCOME_LIMIT_MS: DurationMs = 10_000;
/** The edge closes after an error; one that does not is closed from here. */
const ERROR_LIMIT_MS: DurationMs = 5_000;
const NEW_TOKEN = "Make a new token in the dashboard, put it in NEPHOS_TOKEN and restart the agent";

export interface LinkSettings {
  url: string;
  token: string;
  version: string;
  clock: Clock;
  hello(): AgentHello;
}

export interface LinkEvents {
  /** Samples may go. */
  welcomed(): void;
  heard(message: EdgeMessage): void;
  /** Once; nothing is heard after it. */
  ended(end: LinkEnd): void;
}

/** Why a conversation ended, or never began. */
export type LinkEnd =
  /** Nobody is there, or is busy. */
  | { kind: "away"; why: string; retryAfterMs: DurationMs }
  /** Somebody is there, but a socket does not get through: for certain, or as it seems. */
  | { kind: "blocked"; why: string; isCertain: boolean }
  /** Something a person must mend. */
  | { kind: "locked"; why: string }
  /** The edge said what it does not take. */
  | { kind: "error"; error: EdgeError; why: string }
  /** The edge closed it after it had welcomed: another version of it starts. */
  | { kind: "closed"; why: string }
  /** It was welcomed, and is of no use any more. */
  | { kind: "dead"; why: string };

/** One conversation with the edge on a socket, from the first word to the last. */
export class Link {
  readonly #clock: Clock;
  readonly #events: LinkEvents;
  readonly #socket: ClientSocket;
  #heartbeat: Heartbeat | undefined;
  #cancelLimit: (() => void) | undefined;
  #error: EdgeError | undefined;
  #isWelcome = false;
  #isEnded = false;
  #closed: (() => void) | undefined;

  constructor({ url, token, version, clock, hello }: LinkSettings, events: LinkEvents) {
    this.#clock = clock;
    this.#events = events;
    this.#socket = new ClientSocket({
      url,
      headers: { authorization: `Bearer ${token}`, "user-agent": `nephos-agent/${version}` },
      clock,
      opened: () => {
        this.#limit(WELCOME_LIMIT_MS, {
          kind: "blocked",
          why: "The socket opened, but nobody answered",
          isCertain: false,
        });
        this.#heartbeat = new Heartbeat(
          clock,
          () => this.#socket.send(PING),
          () => this.#give({ kind: "dead", why: "The connection brings no answer any more" }),
        );
        this.send(hello());
      },
      heard: (text) => this.#heard(text),
      ended: (end) => this.#end(this.#meaningOf(end)),
    });
  }

  /** False where it cannot go now; then it was not sent. */
  send(message: AgentMessage): boolean {
    if (this.#isEnded || this.#error || !this.#socket.send(JSON.stringify(message))) return false;
    this.#heartbeat?.sent();
    return true;
  }

  /** Ends it from here; done when the edge has read all that was sent, or does not answer. */
  close(): Promise<void> {
    if (this.#isEnded) return Promise.resolve();
    return new Promise((resolve) => {
      this.#closed = resolve;
      this.#socket.close(CLOSE.goingAway);
    });
  }

  #heard(text: string): void {
    if (this.#isEnded || this.#error) return;
    this.#heartbeat?.heard();
    const message = text === PONG ? undefined : parseEdgeMessage(text);
    if (message?.type === "error") {
      this.#error = message;
      this.#limit(ERROR_LIMIT_MS, this.#errorEnd(message));
    } else if (message?.type === "welcome") {
      if (this.#isWelcome) return;
      this.#isWelcome = true;
      this.#cancelLimit?.();
      this.#events.welcomed();
    } else if (message && this.#isWelcome) this.#events.heard(message);
  }

  #meaningOf(end: SocketEnd): LinkEnd {
    switch (end.kind) {
      case "answered":
        return meaningOfReply(end.reply.status, end.reply.headers, end.reply.body, this.#clock.wallMs());
      case "failed": {
        const why = reasonOf(end.error);
        const isNobody = end.error.syscall === "connect" || end.error.syscall === "getaddrinfo";
        return isNobody ? { kind: "away", why, retryAfterMs: 0 } : { kind: "blocked", why, isCertain: false };
      }
      case "closed":
        return this.#meaningOfClose(end.code, end.reason);
      case "faulty": {
        const why = `What came was not as agreed: ${end.why}`;
        return this.#isWelcome ? { kind: "dead", why } : { kind: "blocked", why, isCertain: false };
      }
    }
  }

  #meaningOfClose(code: number, reason: string): LinkEnd {
    const told = lineOfParts([this.#error?.message, this.#error?.remedy ?? reason]);
    if (code === CLOSE_TOKEN_REVOKED) {
      return { kind: "locked", why: `${lineOfParts([told || "The token is no longer good"])}. ${NEW_TOKEN}` };
    }
    if (this.#error) return this.#errorEnd(this.#error);
    const why = lineOfParts([`It closed the connection with ${code}`, reason]);
    if (code === CLOSE_REFUSED) return { kind: "locked", why };
    return this.#isWelcome ? { kind: "closed", why } : { kind: "blocked", why, isCertain: false };
  }

  #errorEnd(error: EdgeError): LinkEnd {
    const field = error.field === undefined ? undefined : `field ${error.field}`;
    return { kind: "error", error, why: lineOfParts([error.code, error.message || error.error, field, error.remedy]) };
  }

  #limit(limitMs: DurationMs, end: LinkEnd): void {
    this.#cancelLimit?.();
    this.#cancelLimit = this.#clock.after(limitMs, () => this.#give(end));
  }

  /** Ends it for a reason found here. */
  #give(end: LinkEnd): void {
    this.#end(end);
    this.#socket.close(CLOSE.goingAway);
  }

  #end(end: LinkEnd): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#heartbeat?.stop();
    this.#cancelLimit?.();
    if (this.#closed) this.#closed();
    else this.#events.ended(end);
  }
}

/** An answer in place of a socket: from Nephos, or from whatever stands in between. */
function meaningOfReply(
  status: number,
  headers: { "retry-after"?: string | undefined },
  body: string,
  wallMs: number,
): LinkEnd {
  const refusal = (parsedObject(body) ?? {}) as Partial<ErrorReply>;
  const why = refusalInWords(status, refusal);
  if (typeof refusal.code === "string") {
    if (status === 401 || status === 403) return { kind: "locked", why: `${why}. ${NEW_TOKEN}` };
    if (status === 429 || status >= 500) {
      return { kind: "away", why, retryAfterMs: parseRetryAfter(headers["retry-after"], wallMs) };
    }
  }
  return { kind: "blocked", why, isCertain: true };
}
