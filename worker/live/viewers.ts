import { CLOSE_SESSION_ENDED, PING, PONG } from "../../contract/limits.ts";
import type { LiveMessage, LiveSample } from "../../contract/live.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import { unpackReadings, type PackedReadings } from "../series/packed.ts";

/** What a viewer's socket carries through hibernation: who it is, and what it looks at. */
interface Viewer {
  sessionHash: string;
  sessionExpiresAt: EpochMs;
  watching: string | null;
}

/** The browsers that watch. Sockets outlive this object's memory, so everything about them rides in their attachment. */
export class Viewers {
  readonly #state: DurableObjectState;
  readonly #frameEveryMs: DurationMs;
  #pending = new Map<string, LiveSample>();
  #lastFrameAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(state: DurableObjectState, frameEveryMs: DurationMs) {
    this.#state = state;
    this.#frameEveryMs = frameEveryMs;
    state.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
  }

  get count(): number {
    return this.#state.getWebSockets().length;
  }

  accept(socket: WebSocket, sessionHash: string, sessionExpiresAt: EpochMs): void {
    this.#state.acceptWebSocket(socket, [sessionHash]);
    socket.serializeAttachment({ sessionHash, sessionExpiresAt, watching: null } satisfies Viewer);
  }

  watch(socket: WebSocket, instanceId: string | null): void {
    socket.serializeAttachment({ ...viewerOf(socket), watching: instanceId });
  }

  /** Tells all; a viewer whose session is over is told that instead. */
  broadcast(message: LiveMessage): void {
    const text = JSON.stringify(message);
    for (const socket of this.#state.getWebSockets()) {
      if (viewerOf(socket).sessionExpiresAt <= message.now) endSession(socket);
      else send(socket, text);
    }
  }

  /** A sample: whole and at once to who watches its instance, its fleet part to all in the next frame. */
  sample(fleet: LiveSample, packed: PackedReadings, now: EpochMs): void {
    const sockets = this.#state.getWebSockets();
    if (sockets.length === 0) return;
    let text: string | undefined;
    for (const socket of sockets) {
      if (viewerOf(socket).watching !== fleet.instanceId) continue;
      text ??= wholeSample(fleet, packed, now);
      send(socket, text);
    }
    this.#pending.set(fleet.instanceId, fleet);
    this.#frameSoon(now);
  }

  endSession(sessionHash: string): void {
    for (const socket of this.#state.getWebSockets(sessionHash)) endSession(socket);
  }

  #frameSoon(now: EpochMs): void {
    const wait = this.#lastFrameAt + this.#frameEveryMs - now;
    if (wait <= 0) this.#frame(now);
    else this.#timer ??= setTimeout(() => this.#frame(Date.now()), wait);
  }

  #frame(now: EpochMs): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lastFrameAt = now;
    const samples = [...this.#pending.values()];
    this.#pending.clear();
    if (samples.length > 0) this.broadcast({ type: "frame", now, samples });
  }
}

function wholeSample({ instanceId, at }: LiveSample, packed: PackedReadings, now: EpochMs): string {
  const message: LiveMessage = { type: "sample", now, sample: { instanceId, at, metrics: unpackReadings(packed) } };
  return JSON.stringify(message);
}

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
