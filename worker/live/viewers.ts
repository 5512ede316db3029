import { CLOSE_SESSION_ENDED, PING, PONG } from "../../contract/limits.ts";
import type { Instance } from "../../contract/instance.ts";
import type { LiveMessage, LiveSample } from "../../contract/live.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { seenOf } from "../alerts/sight.ts";
import type { IncidentMemberRow, IncidentRow } from "../alerts/table.ts";
import { maySee } from "../auth/principal.ts";
import { VIEWER_SILENT_AFTER_MS } from "../settings.ts";
import { readingsOf, type IncomingSample } from "./incoming.ts";

/** Who looks through a socket. The Worker has found it out and says it to the shard. */
export interface ViewerIdentity {
  personId: string;
  /** The session, or the API token. */
  sessionId: string;
  expiresAt: EpochMs;
  /** Sees instances with one of these tags only; null: all. */
  tags: string[] | null;
}

/** "Service restart" (RFC 6455): connect again. */
const CLOSE_RESTART = 1012;

/** What a viewer's socket carries through hibernation: who it is, and what it looks at. */
interface Viewer extends ViewerIdentity {
  watching: string | null;
  /** When it connected. */
  since: EpochMs;
}

/** The browsers that watch. Sockets outlive this object's memory, so everything about them rides in their attachment. */
export class Viewers {
  readonly #state: DurableObjectState;
  readonly #frameEveryMs: DurationMs;
  #pending = new Map<string, LiveSample>();
  #lastFrameAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly #tagsOf: (instanceId: string) => readonly string[];
  readonly #onWait: (now: EpochMs, forMs: DurationMs) => void;

  /** `onWait` hears of the time this keeps the object awake. */
  constructor(
    state: DurableObjectState,
    frameEveryMs: DurationMs,
    tagsOf: (instanceId: string) => readonly string[],
    onWait: (now: EpochMs, forMs: DurationMs) => void,
  ) {
    this.#tagsOf = tagsOf;
    this.#onWait = onWait;
    this.#state = state;
    this.#frameEveryMs = frameEveryMs;
    state.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
  }

  get count(): number {
    return this.#sockets().length;
  }

  accept(socket: WebSocket, viewer: ViewerIdentity, now: EpochMs): void {
    this.#state.acceptWebSocket(socket, [VIEWER, sessionTag(viewer.sessionId), personTag(viewer.personId)]);
    socket.serializeAttachment({ ...viewer, watching: null, since: now } satisfies Viewer);
  }

  /** Answers what this viewer looked at before. */
  watch(socket: WebSocket, instanceId: string | null): string | null {
    const viewer = viewerOf(socket);
    socket.serializeAttachment({ ...viewer, watching: instanceId });
    return viewer.watching;
  }

  /** What a viewer's socket looks at. */
  watchedBy(socket: WebSocket): string | null {
    return viewerOf(socket).watching;
  }

  /** Whether somebody looks at this instance, who may, and whose browser has been heard of lately; `except` is on its way out. */
  isWatched(instanceId: string, now: EpochMs, except?: WebSocket): boolean {
    return this.#sockets().some((socket) => {
      if (socket === except || socket.readyState !== WebSocket.OPEN) return false;
      const { watching, tags, expiresAt, since } = viewerOf(socket);
      if (watching !== instanceId || expiresAt <= now || !maySee(tags, this.#tagsOf(instanceId))) return false;
      const heardAt = this.#state.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? since;
      return heardAt > now - VIEWER_SILENT_AFTER_MS;
    });
  }

  /** A reading for those who watch its instance, and nobody else. */
  watched(instanceId: string, at: EpochMs, sample: IncomingSample, now: EpochMs): void {
    this.#toWatchers(instanceId, at, sample, now);
  }

  /** Tells of one instance to all who may see it; a viewer whose session is over is told that instead. */
  broadcast(message: LiveMessage, tags: readonly string[]): void {
    const text = JSON.stringify(message);
    this.#toAll(message.now, (viewer) => (maySee(viewer.tags, tags) ? text : undefined));
  }

  /** Many instances in one message, each viewer's own part of them. */
  broadcastInstances(shown: readonly { tags: readonly string[]; instance: Instance }[], now: EpochMs): void {
    const [first, ...more] = shown;
    if (!first) return;
    if (more.length === 0) return this.broadcast({ type: "instance", now, instance: first.instance }, first.tags);
    this.#toAllAlike(now, (tags) => {
      const instances = shown.filter((one) => maySee(tags, one.tags)).map(({ instance }) => instance);
      if (instances.length === 0) return undefined;
      return JSON.stringify({ type: "instances", now, instances } satisfies LiveMessage);
    });
  }

  /** An incident, to each viewer as they may see it. A check of no instance is taken for one that is hidden: its tags are not known here. */
  broadcastIncident(row: IncidentRow, members: readonly IncidentMemberRow[], now: EpochMs): void {
    const tagged = members.map((one) => ({ ...one, tags: this.#tagsOf(one.instanceId ?? one.subject) }));
    this.#toAllAlike(now, (tags) => {
      const incident = seenOf(row, tagged, tags);
      return incident && JSON.stringify({ type: "incident", now, incident } satisfies LiveMessage);
    });
  }

  /** An instance lost tags: who may no longer see it is told that it is gone. */
  leaveOut(instanceId: string, before: readonly string[], after: readonly string[], now: EpochMs): void {
    const text = JSON.stringify({ type: "removed", now, instanceId } satisfies LiveMessage);
    this.#toAll(now, ({ tags }) => (maySee(tags, before) && !maySee(tags, after) ? text : undefined));
  }

  /** A sample: whole and at once to who watches its instance, its fleet part to all in the next frame. */
  sample(instanceId: string, at: EpochMs, sample: IncomingSample, now: EpochMs): void {
    if (!this.#toWatchers(instanceId, at, sample, now)) return;
    this.#pending.set(instanceId, { instanceId, at, metrics: sample.fleet });
    this.#frameSoon(now);
  }

  /** False where nobody looks at anything. */
  #toWatchers(instanceId: string, at: EpochMs, sample: IncomingSample, now: EpochMs): boolean {
    const sockets = this.#sockets();
    let text: string | undefined;
    for (const socket of sockets) {
      const { watching, tags } = viewerOf(socket);
      if (watching !== instanceId || !maySee(tags, this.#tagsOf(instanceId))) continue;
      text ??= wholeSample(instanceId, at, sample, now);
      send(socket, text);
    }
    return sockets.length > 0;
  }

  /** Whose sockets are open: sessions and API tokens, each once. */
  sessionIds(): string[] {
    return [...new Set(this.#sockets().map((socket) => viewerOf(socket).sessionId))];
  }

  endSession(sessionId: string): void {
    for (const socket of this.#state.getWebSockets(sessionTag(sessionId))) endSession(socket);
  }

  /** Closes a person's sockets, so that they connect again with what they may see now. */
  restartPerson(personId: string): void {
    for (const socket of this.#state.getWebSockets(personTag(personId))) {
      socket.close(CLOSE_RESTART, "What you may see has changed");
    }
  }

  #sockets(): WebSocket[] {
    return this.#state.getWebSockets(VIEWER);
  }

  #toAll(now: EpochMs, textFor: (viewer: Viewer) => string | undefined): void {
    for (const socket of this.#sockets()) {
      const viewer = viewerOf(socket);
      if (viewer.expiresAt <= now) {
        endSession(socket);
        continue;
      }
      const text = textFor(viewer);
      if (text !== undefined) send(socket, text);
    }
  }

  #frameSoon(now: EpochMs): void {
    const wait = this.#lastFrameAt + this.#frameEveryMs - now;
    if (wait <= 0) return this.#frame(now);
    if (this.#timer !== undefined) return;
    this.#onWait(now, wait);
    this.#timer = setTimeout(() => this.#frame(Date.now()), wait);
  }

  #frame(now: EpochMs): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lastFrameAt = now;
    const samples = [...this.#pending.values()];
    this.#pending.clear();
    if (samples.length === 0) return;
    this.#toAllAlike(now, (tags) => {
      const seen = tags === null ? samples : samples.filter((one) => maySee(tags, this.#tagsOf(one.instanceId)));
      return seen.length > 0 ? frame(now, seen) : undefined;
    });
  }

  /** Written once for all who see the same: the whole fleet, or the instances with the same tags. */
  #toAllAlike(now: EpochMs, textFor: (tags: readonly string[] | null) => string | undefined): void {
    const texts = new Map<string, string | undefined>();
    this.#toAll(now, ({ tags }) => {
      const key = tags === null ? "" : JSON.stringify(tags);
      if (!texts.has(key)) texts.set(key, textFor(tags));
      return texts.get(key);
    });
  }
}

function frame(now: EpochMs, samples: LiveSample[]): string {
  return JSON.stringify({ type: "frame", now, samples } satisfies LiveMessage);
}

function wholeSample(instanceId: string, at: EpochMs, sample: IncomingSample, now: EpochMs): string {
  const message: LiveMessage = { type: "sample", now, sample: { instanceId, at, metrics: readingsOf(sample) } };
  return JSON.stringify(message);
}

const VIEWER = "viewer";

const sessionTag = (id: string) => `session ${id}`;
const personTag = (id: string) => `person ${id}`;

function viewerOf(socket: WebSocket): Viewer {
  return socket.deserializeAttachment() as Viewer;
}

function endSession(socket: WebSocket): void {
  socket.close(CLOSE_SESSION_ENDED, "The session ended");
}

function send(socket: WebSocket, text: string): void {
  try {
    socket.send(text);
  } catch {
    // Gone between the list and the send: its close event says so to everybody who cares.
  }
}
