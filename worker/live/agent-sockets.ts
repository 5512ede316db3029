import type { EdgeMessage } from "../../contract/agent-link.ts";
import {
  CLOSE_REFUSED,
  CLOSE_TOKEN_REVOKED,
  PROTOCOL,
  WATCH_INTERVAL_MS,
  WATCH_LEASE_MS,
} from "../../contract/limits.ts";
import type { InstanceFacts } from "../../contract/ingest.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { replyOf, type Refusal } from "../errors.ts";
import { log, messageOf } from "../log.ts";
import {
  AGENT_HELLO_WITHIN_MS,
  AGENT_SOCKETS_MAX,
  AGENT_SOCKETS_PER_TOKEN_MAX,
  CLOCK_STEPPED_MS,
  MIRROR_AGENTS_MAX,
  MIRROR_EVERY_MS,
  RESEND_ASKED_EVERY_MS,
} from "../settings.ts";
import { clockOffsetOf } from "./batch.ts";
import { heard, type Heard } from "./agent-message.ts";
import { mirrorOf, restored, type AgentAttachment } from "./agent-attachment.ts";
import type { IncomingSample } from "./incoming.ts";
import type { Intake, NumberedTaken } from "./intake.ts";
import * as refusals from "./refusals.ts";
import type { KnownInstance, Roster } from "./roster.ts";
import type { Tails } from "./tails.ts";

/** One agent's socket, in memory; its attachment has what outlives that. */
export interface AgentSession {
  tokenHash: string;
  since: EpochMs;
  /** What it said of itself in `hello`. */
  hello: { facts: InstanceFacts; agentVersion: string; intervalMs: DurationMs } | null;
  known: KnownInstance | undefined;
  mirroredAt: EpochMs;
  /** Messages wait here for one before them that has to read or write; undefined where none does. */
  waiting: Promise<void> | undefined;
  toldRefusedKeys: string;
  toldClock: boolean;
  samplesPerMessage: number;
}

export interface AgentListener {
  watched(instanceId: string, at: EpochMs, sample: IncomingSample): void;
  isWatched(instanceId: string): boolean;
  /** How many samples agents are to gather into one message. */
  samplesPerMessage(): number;
}

const AGENT = "agent";
const tokenTag = (hash: string) => `token ${hash}`;

/** The agents' sockets: what they say goes to the intake; what is durable, missing or watched is said to them. */
export class AgentSockets {
  readonly #state: DurableObjectState;
  readonly #intake: Intake;
  readonly #roster: Roster;
  readonly #tails: Tails;
  readonly #listener: AgentListener;
  readonly #sessions = new Map<WebSocket, AgentSession>();
  readonly #byInstance = new Map<string, Set<WebSocket>>();

  constructor(state: DurableObjectState, intake: Intake, roster: Roster, tails: Tails, listener: AgentListener) {
    this.#state = state;
    this.#intake = intake;
    this.#roster = roster;
    this.#tails = tails;
    this.#listener = listener;
    this.#wake(Date.now());
  }

  get count(): number {
    return this.#sessions.size;
  }

  /** Takes a socket in; the Worker has checked the token. Undefined where there are too many. */
  accept(tokenHash: string, now: EpochMs): WebSocket | undefined {
    if (this.#sessions.size >= AGENT_SOCKETS_MAX) return undefined;
    const open = this.#state.getWebSockets(tokenTag(tokenHash)).filter((socket) => this.#sessions.has(socket));
    for (const socket of open.slice(0, Math.max(0, open.length + 1 - AGENT_SOCKETS_PER_TOKEN_MAX))) {
      this.#refuse(socket, refusals.TOO_MANY_SOCKETS);
    }
    const { 0: client, 1: server } = new WebSocketPair();
    this.#state.acceptWebSocket(server, [AGENT, tokenTag(tokenHash)]);
    const session = newSession(tokenHash, now);
    this.#sessions.set(server, session);
    server.serializeAttachment({
      kind: AGENT,
      tokenHash,
      since: now,
      hello: null,
      cursors: [],
      tail: null,
    } satisfies AgentAttachment);
    return client;
  }

  isAgent(socket: WebSocket): boolean {
    return this.#sessions.has(socket);
  }

  /** One message. A promise where something has to be waited for. */
  message(socket: WebSocket, data: string | ArrayBuffer, now: EpochMs): Promise<void> | undefined {
    const session = this.#sessions.get(socket);
    if (!session) return undefined;
    const message = heard(data, session.known?.lastIncoming);
    if (!session.waiting) {
      const waits = this.#take(socket, session, message, now);
      if (!waits) return undefined;
      session.waiting = waits;
    } else {
      session.waiting = session.waiting.then(() => this.#take(socket, session, message, now));
    }
    const mine = (session.waiting = session.waiting.catch((error: unknown) => {
      log({ event: "samples_not_taken", message: messageOf(error) });
      this.#refuse(socket, refusals.STORAGE_UNAVAILABLE);
    }));
    return mine.finally(() => {
      if (session.waiting === mine) session.waiting = undefined;
    });
  }

  closed(socket: WebSocket): void {
    const session = this.#sessions.get(socket);
    this.#sessions.delete(socket);
    const id = session?.hello?.facts.id;
    if (id === undefined) return;
    const sockets = this.#byInstance.get(id);
    sockets?.delete(socket);
    if (sockets?.size === 0) this.#byInstance.delete(id);
  }

  /** A token is no longer good: its sockets are told so and closed. */
  revoke(tokenHash: string): void {
    for (const socket of this.#state.getWebSockets(tokenTag(tokenHash))) {
      this.#refuse(socket, refusals.UNKNOWN_TOKEN, CLOSE_TOKEN_REVOKED);
    }
  }

  tokenHashes(): string[] {
    return [...new Set([...this.#sessions.values()].map(({ tokenHash }) => tokenHash))];
  }

  /** Everything of this stream up to here is in the database. */
  durable(instanceId: string, stream: string, durableSeq: number): void {
    this.#toInstance(instanceId, { type: "durable", stream, durableSeq });
  }

  /** Somebody begins or ceases to look at this instance. */
  watch(instanceId: string, isWatched: boolean): void {
    this.#toInstance(instanceId, watchMessage(isWatched));
  }

  /** What is to be said now and then: whoever is looked at goes on, whoever never said hello goes, and how to save. */
  tick(now: EpochMs): void {
    for (const [socket, session] of this.#sessions) {
      if (!session.hello) {
        if (session.since < now - AGENT_HELLO_WITHIN_MS) this.#refuse(socket, noHello);
        continue;
      }
      if (this.#listener.isWatched(session.hello.facts.id)) say(socket, watchMessage(true));
      this.#configure(socket, session);
    }
  }

  #take(socket: WebSocket, session: AgentSession, message: Heard, now: EpochMs): Promise<void> | undefined {
    // Refused meanwhile, by what was sent before this.
    if (!this.#sessions.has(socket)) return undefined;
    if (message.type === "refused") return void this.#refuse(socket, message.refusal);
    const tooMany = this.#intake.tooMany(session.tokenHash, now);
    if (tooMany) return void this.#refuse(socket, tooMany);
    if (message.type === "hello") return this.#hello(socket, session, message.hello, now);
    if (!session.hello) return void this.#refuse(socket, noHello);
    if (message.type === "watched") return void this.#watched(session, message.sample, now);
    return this.#samples(socket, session, message, now);
  }

  async #hello(
    socket: WebSocket,
    session: AgentSession,
    { agent, instance, intervalMs, sentAt }: HelloOf,
    now: EpochMs,
  ): Promise<void> {
    const greeting = { facts: instance, agentVersion: agent.version, intervalMs, clockOffsetMs: sentAt - now };
    const known = await this.#intake.greet(session.tokenHash, greeting, now);
    if ("code" in known) {
      return this.#refuse(socket, known, known.code === "token_unknown" ? CLOSE_TOKEN_REVOKED : CLOSE_REFUSED);
    }
    session.hello = { facts: instance, agentVersion: agent.version, intervalMs };
    session.known = known;
    this.#join(instance.id, socket);
    this.#mirror(socket, session, now);
    say(socket, { type: "welcome", protocol: PROTOCOL, serverAt: now });
    if (this.#listener.isWatched(instance.id)) say(socket, watchMessage(true));
    this.#configure(socket, session);
  }

  #samples(socket: WebSocket, session: AgentSession, message: SamplesOf, now: EpochMs): Promise<void> | undefined {
    const { facts, agentVersion, intervalMs } = session.hello!;
    // After hibernation the socket is known and its instance is not.
    const known = session.known ?? this.#roster.knownInstance(facts.id);
    if (!known)
      return this.#roster.instance(facts.id).then((read) => {
        session.known = read;
        return this.#samples(socket, session, message, now);
      });
    session.known = known;
    const clockOffsetMs = clockNews(known, message.sentAt - now);
    const learning = this.#intake.learn(known, { facts, agentVersion, intervalMs, clockOffsetMs }, now);
    const result = this.#intake.takeNumbered(known, facts.id, message, message.sentAt, now);
    if (!learning && !(result instanceof Promise)) return void this.#told(socket, session, message, result, now);
    return Promise.all([result, learning]).then(([taken]) => this.#told(socket, session, message, taken, now));
  }

  #told(socket: WebSocket, session: AgentSession, message: SamplesOf, result: NumberedTaken, now: EpochMs): void {
    if (result.kind === "refused") {
      // Memory that is full is no fault of the agent: what is left out now is missed, and asked for, with the next sample.
      if (result.refusal.code === "too_busy") return;
      return this.#refuse(socket, result.refusal, CLOSE_REFUSED, message.stream, message.samples[0]?.seq);
    }
    if (result.kind === "resend") return this.#askAgain(socket, message.stream, result, now);
    this.#notice(socket, session, result);
    const { durableSeq } = result.cursor;
    // It would not send again what it knew to be durable: the word was lost on the way.
    if (message.samples[0]!.seq <= durableSeq) say(socket, { type: "durable", stream: message.stream, durableSeq });
    if (now - session.mirroredAt >= MIRROR_EVERY_MS && this.#sessions.size <= MIRROR_AGENTS_MAX)
      this.#mirror(socket, session, now);
  }

  /** Once, and not with every sample that comes until the answer does. */
  #askAgain(
    socket: WebSocket,
    stream: string,
    { cursor, after }: { cursor: NumberedCursor; after: number },
    now: EpochMs,
  ): void {
    if (cursor.askedAt !== undefined && now - cursor.askedAt < RESEND_ASKED_EVERY_MS) return;
    cursor.askedAt = now;
    say(socket, { type: "resend", stream, after });
  }

  #watched(session: AgentSession, sample: IncomingSample, now: EpochMs): void {
    this.#listener.watched(session.hello!.facts.id, sample.at + clockOffsetOf(sample.at, now), sample);
  }

  #notice(
    socket: WebSocket,
    session: AgentSession,
    { cursor, refusedKeys }: Extract<NumberedTaken, { kind: "taken" }>,
  ): void {
    if (cursor.clockOffsetMs !== 0 && !session.toldClock) {
      session.toldClock = true;
      say(socket, { type: "notice", about: "clock", message: refusals.wrongClock(cursor.clockOffsetMs) });
    }
    const told = refusedKeys.join();
    if (told !== "" && told !== session.toldRefusedKeys) {
      session.toldRefusedKeys = told;
      say(socket, { type: "notice", about: "custom_metrics", message: refusals.customMetricsLeftOut(refusedKeys) });
    }
  }

  #configure(socket: WebSocket, session: AgentSession): void {
    const wanted = this.#listener.samplesPerMessage();
    if (session.samplesPerMessage === wanted) return;
    session.samplesPerMessage = wanted;
    say(socket, { type: "config", samplesPerMessage: wanted });
  }

  /** The newest of its samples into the socket's attachment, which hibernation leaves alone. */
  #mirror(socket: WebSocket, session: AgentSession, now: EpochMs): void {
    session.mirroredAt = now;
    const id = session.hello?.facts.id;
    const cursors = id === undefined ? [] : [...this.#roster.cursorsOf(id)];
    const waiting = id === undefined ? [] : this.#tails.of(id);
    for (const attachment of mirrorOf(session, cursors, waiting)) {
      try {
        socket.serializeAttachment(attachment);
        return;
      } catch {
        // Larger than an attachment may be: the next one is smaller.
      }
    }
  }

  /** An object that has lost its memory finds it in its sockets, and asks again for what did not fit in there. */
  #wake(now: EpochMs): void {
    for (const socket of this.#state.getWebSockets(AGENT)) {
      const attachment = socket.deserializeAttachment() as AgentAttachment;
      const session = newSession(attachment.tokenHash, attachment.since);
      session.hello = attachment.hello;
      session.mirroredAt = now;
      // Nobody remembers what it was told last.
      session.samplesPerMessage = 0;
      this.#sessions.set(socket, session);
      if (!attachment.hello) continue;
      const id = attachment.hello.facts.id;
      this.#join(id, socket);
      const { cursors, samples, missing } = restored(attachment, now);
      const known = this.#roster.cursorsOf(id);
      for (const [stream, cursor] of cursors) if (!known.has(stream)) known.set(stream, cursor);
      const there = new Set(this.#tails.of(id).map(({ stream, seq }) => `${stream} ${seq}`));
      this.#tails.add(
        id,
        samples.filter(({ stream, seq }) => !there.has(`${stream} ${seq}`)),
      );
      for (const { stream, after } of missing) {
        known.get(stream)!.askedAt = now;
        say(socket, { type: "resend", stream, after });
      }
    }
  }

  #join(instanceId: string, socket: WebSocket): void {
    const sockets = this.#byInstance.get(instanceId);
    if (sockets) sockets.add(socket);
    else this.#byInstance.set(instanceId, new Set([socket]));
  }

  #toInstance(instanceId: string, message: EdgeMessage): void {
    for (const socket of this.#byInstance.get(instanceId) ?? []) say(socket, message);
  }

  #refuse(socket: WebSocket, refusal: Refusal, code = CLOSE_REFUSED, stream?: string, seq?: number): void {
    say(socket, {
      type: "error",
      ...replyOf(refusal),
      ...(stream !== undefined && { stream }),
      ...(seq !== undefined && { seq }),
    });
    socket.close(code, refusal.code);
    this.closed(socket);
  }
}

type HelloOf = Extract<Heard, { type: "hello" }>["hello"];
type SamplesOf = Extract<Heard, { type: "samples" }>;
type NumberedCursor = Extract<NumberedTaken, { kind: "resend" }>["cursor"];

const noHello: Refusal = {
  code: "invalid_field",
  message: "An agent says `hello` first, and soon.",
  field: "type",
  remedy: "Send a hello with protocol, agent, instance, sentAt and intervalMs.",
};

function newSession(tokenHash: string, since: EpochMs): AgentSession {
  return {
    tokenHash,
    since,
    hello: null,
    known: undefined,
    mirroredAt: 0,
    waiting: undefined,
    toldRefusedKeys: "",
    toldClock: false,
    samplesPerMessage: 1,
  };
}

/** How far the agent's clock is off, where that is news: a message that waited on its way is not. */
function clockNews(known: KnownInstance, offsetMs: DurationMs): DurationMs | null {
  return Math.abs(offsetMs - (known.row?.clockOffsetMs ?? 0)) > CLOCK_STEPPED_MS ? offsetMs : null;
}

function watchMessage(isWatched: boolean): EdgeMessage {
  return { type: "watch", intervalMs: isWatched ? WATCH_INTERVAL_MS : null, forMs: WATCH_LEASE_MS };
}

function say(socket: WebSocket, message: EdgeMessage): void {
  try {
    socket.send(JSON.stringify(message));
  } catch {
    // Gone meanwhile: its close event says so to everybody who cares.
  }
}
