// The Worker with a clock that is set from outside, and a way to hand its shard messages at any moment of a virtual day.
import { setClock } from "./virtual-clock.mjs";
import worker, { FleetShard as Shard, RegionalProber as Prober, Sentinel as Watch } from "../worker/index.ts";
import { ONLY_SHARD } from "../worker/live/shard-of.ts";

export { SignInDesk } from "../worker/index.ts";

/** Requests that objects were sent, as the platform counts them, but for messages on sockets. */
const calls = { shard: 0, sentinel: 0, prober: 0, alarms: 0 };
/** Of the bench alone, or a message on a socket. */
const UNCOUNTED = ["constructor", "operations", "ring", "play", "webSocketMessage", "webSocketClose", "webSocketError"];

function counted(Base, name, uncounted = UNCOUNTED) {
  const Counted = class extends Base {};
  for (const method of Object.getOwnPropertyNames(Base.prototype).filter((one) => !uncounted.includes(one))) {
    Counted.prototype[method] = function (...given) {
      calls[name]++;
      return Base.prototype[method].apply(this, given);
    };
  }
  return Counted;
}

export const Sentinel = counted(Watch, "sentinel");
export const RegionalProber = counted(Prober, "prober");

// A day has 720 ticks, each of which is logged.
const say = console.log;
console.log = (text) => {
  if (!String(text).startsWith('{"event":"tick",')) say(text);
};

export class FleetShard extends counted(Shard, "shard", [...UNCOUNTED, "alarm"]) {
  /** Kept here: the platform's own alarms go by the real clock, for which a virtual day is past. */
  #alarmAt = null;

  constructor(state, env) {
    const keep = (at) => (this.#alarmAt = at);
    const kept = () => this.#alarmAt;
    state.storage.setAlarm = async (at) => void keep(Number(at));
    state.storage.getAlarm = async () => kept();
    super(state, env);
  }

  /** Rings whatever is due by then. */
  async ring(until) {
    while (this.#alarmAt !== null && this.#alarmAt <= until) {
      setClock(this.#alarmAt);
      this.#alarmAt = null;
      calls.alarms++;
      await this.alarm();
    }
  }

  /** Messages of agents whose sockets are open, each at its moment, and each done before the next. */
  async play(messages) {
    const sockets = new Map(
      this.ctx.getWebSockets().map((socket) => [socket.deserializeAttachment()?.hello?.facts.id, socket]),
    );
    for (const { at, id, text } of messages) {
      await this.ring(at);
      setClock(at);
      await this.webSocketMessage(sockets.get(id), text);
    }
  }
}

export default {
  async fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url);
    if (!pathname.startsWith("/virtual/")) return worker.fetch(request, env, context);
    const shard = env.FLEET.get(env.FLEET.idFromName(ONLY_SHARD));
    const at = searchParams.get("at");
    if (at !== null) setClock(Number(at));
    switch (pathname) {
      case "/virtual/play":
        await shard.play(await request.json());
        return new Response();
      case "/virtual/tick":
        await worker.scheduled({ scheduledTime: Number(at) }, env, context);
        return new Response();
      case "/virtual/calls":
        return Response.json(calls);
      case "/virtual/operations":
        return Response.json(await shard.operations());
      default:
        return new Response();
    }
  },
};
