import { beforeEach, describe, expect, test } from "vitest";
import { CLOSE_SESSION_ENDED, PING, PONG } from "../../../../contract/limits.ts";
import { RETRY_FIRST_MS, RETRY_MAX_MS, retryDelay } from "./backoff.ts";
import {
  type Connection,
  LiveSocket,
  LOOK_AWAY_MS,
  OPEN_WITHIN_MS,
  PING_EVERY_MS,
  PONG_WITHIN_MS,
  type WebSocketLike,
} from "./socket.ts";

/** A world with its own clock: time passes only when a test says so. */
class World {
  time = 0;
  sockets: (WebSocketLike & { sent: string[]; closed: boolean })[] = [];
  timers: { at: number; act: () => void }[] = [];
  now = () => this.time;
  random = () => 0;
  open = () => {
    const socket = {
      onopen: null,
      onclose: null,
      onmessage: null,
      sent: [] as string[],
      closed: false,
      send: (data: string) => void socket.sent.push(data),
      close: () => void (socket.closed = true),
    };
    this.sockets.push(socket);
    return socket;
  };
  after = (delay: number, act: () => void) => {
    const timer = { at: this.time + delay, act };
    this.timers.push(timer);
    return () => void (this.timers = this.timers.filter((other) => other !== timer));
  };
  pass(ms: number) {
    this.time += ms;
    const due = this.timers.filter((timer) => timer.at <= this.time);
    this.timers = this.timers.filter((timer) => timer.at > this.time);
    for (const timer of due) timer.act();
  }
  get last() {
    return this.sockets.at(-1)!;
  }
}

let world: World;
let states: Connection[];
let refusals: number;
let socket: LiveSocket;

beforeEach(() => {
  world = new World();
  states = [];
  refusals = 0;
  const handlers = {
    message: () => {},
    connection: (connection: Connection) => void states.push(connection),
    refused: () => void (refusals += 1),
  };
  socket = new LiveSocket(handlers, world);
  socket.start();
});

describe("backoff", () => {
  test("stays between its first pause and its longest, whatever chance says", () => {
    for (const attempt of [0, 1, 5, 6, 7, 100, 10_000]) {
      for (const random of [0, 0.5, 0.999]) {
        expect(retryDelay(attempt, random)).toBeGreaterThanOrEqual(RETRY_FIRST_MS);
        expect(retryDelay(attempt, random)).toBeLessThanOrEqual(RETRY_MAX_MS);
      }
    }
  });
  test("grows with every failure", () => expect(retryDelay(4, 0)).toBeGreaterThan(retryDelay(2, 0)));
});

test("a lost connection is tried again, and the loss is told with its first moment", () => {
  world.last.onopen!();
  world.time = 1_000;
  world.last.onclose!({ code: 1006 });
  expect(states.at(-1)).toEqual({ state: "lost", lostAt: 1_000, retryAt: 1_500 });
  world.pass(500);
  world.last.onclose!({ code: 1006 });
  expect(states.at(-1)).toMatchObject({ state: "lost", lostAt: 1_000 });
  expect(world.sockets).toHaveLength(2);
});

test("a shard that restarts, or a role that changed (1012), is a loss like any other: the socket comes back at once", () => {
  world.last.onopen!();
  world.last.onclose!({ code: 1012 });
  expect(states.at(-1)).toMatchObject({ state: "lost", retryAt: RETRY_FIRST_MS });
  world.pass(RETRY_FIRST_MS);
  world.last.onopen!();
  expect(states.at(-1)).toEqual({ state: "open" });
  expect(refusals).toBe(0);
});

test("an ended session is final", () => {
  world.last.onopen!();
  world.last.onclose!({ code: CLOSE_SESSION_ENDED });
  world.pass(RETRY_MAX_MS * 10);
  expect(states.at(-1)).toEqual({ state: "ended" });
  expect(world.sockets).toHaveLength(1);
});

test("an attempt that never opened is reported as refused, one that opened is not", () => {
  world.last.onclose!({ code: 1006 });
  expect(refusals).toBe(1);
  world.pass(RETRY_FIRST_MS);
  world.last.onopen!();
  world.last.onclose!({ code: 1006 });
  expect(refusals).toBe(1);
});

test("an attempt that hangs is given up and tried again", () => {
  world.pass(OPEN_WITHIN_MS);
  expect(states.at(-1)).toMatchObject({ state: "lost" });
  world.pass(RETRY_FIRST_MS);
  expect(world.sockets).toHaveLength(2);
});

test("a silent connection is unmasked by its missing pong", () => {
  world.last.onopen!();
  world.pass(PING_EVERY_MS);
  expect(world.last.sent).toEqual([PING]);
  world.pass(PONG_WITHIN_MS);
  expect(states.at(-1)).toMatchObject({ state: "lost" });
});

test("an answered ping keeps the connection", () => {
  world.last.onopen!();
  world.pass(PING_EVERY_MS);
  world.last.onmessage!({ data: PONG });
  world.pass(PONG_WITHIN_MS);
  expect(states.at(-1)).toEqual({ state: "open" });
});

test("the watched instance is asked for again after a reconnect", () => {
  socket.watch("web-1");
  world.last.onopen!();
  world.last.onclose!({ code: 1006 });
  world.pass(RETRY_FIRST_MS);
  world.last.onopen!();
  expect(world.last.sent).toEqual([JSON.stringify({ type: "watch", instanceId: "web-1" })]);
});

test("trying now does not open a second socket beside one that is opening or open", () => {
  socket.retryNow();
  world.last.onopen!();
  socket.retryNow();
  expect(world.sockets).toHaveLength(1);
});

test("a socket that was given up changes nothing any more", () => {
  const first = world.last;
  socket.stop();
  expect(first.closed).toBe(true);
  expect(first.onclose).toBeNull();
  expect(states).toHaveLength(1);
  expect(world.timers).toHaveLength(0);
});

describe("while nobody looks", () => {
  const said = () => world.last.sent.filter((text) => text !== PING).map((text) => JSON.parse(text).type as string);
  beforeEach(() => {
    world.last.onopen!();
    socket.watch("web-1");
  });

  test("the instance is let go after half a minute, and watched again when somebody looks", () => {
    socket.lookedAway();
    world.pass(LOOK_AWAY_MS);
    expect(said()).toEqual(["watch", "unwatch"]);
    expect(socket.lookedBack()).toBe(true);
    expect(said()).toEqual(["watch", "unwatch", "watch"]);
  });
  test("a short look elsewhere changes nothing", () => {
    socket.lookedAway();
    world.pass(LOOK_AWAY_MS - 1);
    expect(socket.lookedBack()).toBe(false);
    world.pass(LOOK_AWAY_MS);
    expect(said()).toEqual(["watch"]);
  });
  test("a reconnect out of sight does not watch", () => {
    socket.lookedAway();
    world.pass(LOOK_AWAY_MS);
    world.last.onclose!({ code: 1006 });
    world.pass(RETRY_FIRST_MS);
    world.last.onopen!();
    expect(said()).toEqual([]);
    socket.lookedBack();
    expect(said()).toEqual(["watch"]);
  });
  test("where nothing is watched there is nothing to come back to", () => {
    socket.unwatch();
    socket.lookedAway();
    world.pass(LOOK_AWAY_MS);
    expect(socket.lookedBack()).toBe(false);
    expect(said()).toEqual(["watch", "unwatch"]);
  });
});
