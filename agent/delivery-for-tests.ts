import { ManualClock, settled } from "./clock-for-tests.ts";
import { Delivery } from "./delivery.ts";
import type { Edge } from "./edge-for-tests.ts";
import { Link } from "./link.ts";
import { envelopeOf, samplesMessageOf, send } from "./sender.ts";
import { until, type EdgeSocket } from "./socket-edge-for-tests.ts";
import { Spool } from "./spool.ts";

/** An agent's delivery with real sockets and requests, and time by hand. */
export function deliveryTo(edge: Edge) {
  const clock = new ManualClock();
  const spool = new Spool({ samplesMax: 10_000 });
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const state = { live: "stream-a", streams: 0, watch: undefined as [number, number] | undefined, endings: 0 };
  const agent = { version: "0", capabilities: ["resend"] };
  const destination = { ingestUrl: `${edge.url}/ingest`, token: "nep_x", version: "0" };
  const delivery = new Delivery(
    spool,
    clock,
    { info: write, warn: write, debug: () => {} },
    {
      openLink: (events) =>
        new Link(
          {
            url: `${edge.url}/agent`,
            token: "nep_x",
            version: "0",
            clock,
            hello: () => ({
              type: "hello",
              protocol: "nephos/1",
              agent,
              instance: { id: "i" },
              sentAt: clock.wall,
              intervalMs: 30_000,
            }),
          },
          events,
        ),
      messageOf: (batch) => samplesMessageOf(batch, clock.wall),
      envelopeOf: (batch) => envelopeOf("0", { id: "i" }, batch, clock.wall, 30_000),
      send: (envelope) => send(destination, envelope, clock.wall),
      liveStream: () => state.live,
      beginStream: () => (state.live = `stream-new-${++state.streams}`),
      newStreamId: () => `stream-fresh-${++state.streams}`,
      streamRenamed: (from, to) => {
        if (state.live === from) state.live = to;
      },
      watch: (intervalMs, forMs) => (state.watch = [intervalMs, forMs]),
      endWatch: () => {
        state.watch = undefined;
        state.endings++;
      },
      isWatched: () => state.watch !== undefined,
    },
  );
  let seq = 0;
  const take = (count = 1) => {
    for (let at = 0; at < count; at++) spool.append(state.live, { seq: ++seq, at: seq, metrics: { load_1m: seq } });
    void delivery.wake();
  };
  return { clock, spool, lines, state, delivery, take };
}

/** Connected, with one sample at the edge. */
export async function firstSampleSent(edge: Edge, parts: ReturnType<typeof deliveryTo>) {
  parts.take();
  const socket = await socketAt(edge, 0);
  await until(() => socket.samples.length > 0);
  return { ...parts, socket };
}

/** The edge's end of the socket, once the agent has said hello on it. */
export async function socketAt(edge: Edge, index: number): Promise<EdgeSocket> {
  await until(() => (edge.sockets[index]?.hellos.length ?? 0) > 0);
  return edge.sockets[index]!;
}

/** Whatever is on its way over the network has arrived. */
export async function heard(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await settled();
}

/** Time passes, and the network, which knows only the real one, keeps up with it. */
export async function live(clock: ManualClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 1_000) {
    await clock.pass(Math.min(1_000, ms - passed));
    await heard();
  }
}
