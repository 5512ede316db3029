import { viewerMessageSchema } from "../../contract/live.ts";
import type { EpochMs } from "../../contract/units.ts";
import { log, messageOf } from "../log.ts";
import type { AgentSockets } from "./agent-sockets.ts";
import type { Viewers } from "./viewers.ts";

/** Who looks at which instance: its agent sends more often for as long as somebody does. */
export class Watching {
  readonly #viewers: Viewers;
  readonly #agents: AgentSockets;

  constructor(viewers: Viewers, agents: AgentSockets) {
    this.#viewers = viewers;
    this.#agents = agents;
  }

  /** A message of a viewer. */
  said(socket: WebSocket, text: string | ArrayBuffer, now: EpochMs): void {
    try {
      const message = viewerMessageSchema.parse(JSON.parse(String(text)));
      const watching = message.type === "watch" ? message.instanceId : null;
      const before = this.#viewers.watch(socket, watching);
      if (before !== null && before !== watching && !this.#viewers.isWatched(before, now))
        this.#agents.watch(before, false);
      if (watching !== null && this.#viewers.isWatched(watching, now)) this.#agents.watch(watching, true);
    } catch (error) {
      log({ event: "viewer_message_refused", message: messageOf(error).slice(0, 200) });
    }
  }

  /** A viewer that left. */
  gone(socket: WebSocket, now: EpochMs): void {
    const watching = this.#viewers.watchedBy(socket);
    if (watching !== null && !this.#viewers.isWatched(watching, now, socket)) this.#agents.watch(watching, false);
  }
}
