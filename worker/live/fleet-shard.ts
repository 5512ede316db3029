import { DurableObject } from "cloudflare:workers";
import { LIVE_VERSION } from "../../contract/limits.ts";
import type { Readings } from "../../contract/metric.ts";
import type { Operations } from "../../contract/operations.ts";
import type { EpochMs } from "../../contract/units.ts";
import { touchAgentToken } from "../auth/agent-token-store.ts";
import { maySee } from "../auth/principal.ts";
import { database, type Database } from "../db/client.ts";
import { publicInstance } from "../instances/facts.ts";
import { listInstances } from "../instances/store.ts";
import type { InstanceRow } from "../instances/table.ts";
import { log, messageOf } from "../log.ts";
import type { SampleRow } from "../series/journal-store.ts";
import { columnsOf, packKey, type PackedReadings } from "../series/packed.ts";
import { Roller, type RollState } from "../series/rolling.ts";
import type { Held, WaitingSamples } from "../series/query.ts";
import { readRetention } from "../series/ring-store.ts";
import * as settings from "../settings.ts";
import type { Usage } from "../usage.ts";
import { AgentSockets } from "./agent-sockets.ts";
import type { Batch } from "./batch.ts";
import { confirm } from "./cursor.ts";
import { FleetPicture } from "./fleet-picture.ts";
import { Observed, type Found, type Heard, type Observation } from "./observed.ts";
import { Flusher, type Flushed } from "./flusher.ts";
import { GroupCommit } from "./group-commit.ts";
import { readingsOf, type IncomingSample } from "./incoming.ts";
import { Intake, type Taken } from "./intake.ts";
import { Journal } from "./journal.ts";
import { Ledger } from "./ledger.ts";
import { LiveState } from "./live-state.ts";
import { Roster } from "./roster.ts";
import { StaleSockets } from "./stale-sockets.ts";
import { Tails } from "./tails.ts";
import { planOf } from "./thrift.ts";
import { Viewers, type ViewerIdentity } from "./viewers.ts";
import { Watching } from "./watching.ts";

/** What an object that is asked about an instance knows that no block holds yet. */
export interface Newest {
  at: EpochMs;
  metrics: Readings;
  seriesKeys: string[];
}

/** A slice of the fleet: takes its samples, writes their blocks, shows them to its viewers. Lifecycle only. */
export class FleetShard extends DurableObject<Env> {
  readonly #db: Database;
  readonly #live = new LiveState();
  readonly #tails = new Tails();
  readonly #roster: Roster;
  readonly #viewers: Viewers;
  readonly #journal: Journal;
  readonly #flusher: Flusher;
  readonly #intake: Intake;
  readonly #agents: AgentSockets;
  readonly #picture: FleetPicture;
  readonly #observed: Observed;
  readonly #ledger: Ledger;
  readonly #roller: Roller;
  readonly #stale: StaleSockets;
  readonly #watching: Watching;
  #blocksUnreadable = 0;
  #nextLookAt: EpochMs = 0;

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    this.#db = database(env.DB);
    this.#picture = new FleetPicture(this.#db, this.#live, this.#tails);
    this.#ledger = new Ledger(state.storage, planOf(env), () => this.#tails.values > settings.TAIL_VALUES_MAX / 2);
    this.#roller = new Roller(this.#db, {
      read: () => state.storage.get<RollState>(ROLL_STATE),
      write: (rollState) => state.storage.put(ROLL_STATE, rollState),
    });
    this.#roster = new Roster(this.#db);
    this.#viewers = new Viewers(
      state,
      settings.FRAME_EVERY_MS,
      (id) => this.#live.rowOf(id)?.tags ?? this.#roster.knownInstance(id)?.row?.tags ?? [],
      (now, forMs) => this.#ledger.meter.busy(now, forMs),
    );
    this.#flusher = new Flusher(this.#db, this.#tails, () => this.#ledger.flushEveryMs, {
      writing: (hours) => this.#roller.adding(hours),
      flushed: (flushed) => this.#flushed(flushed),
      unreadable: () => this.#blocksUnreadable++,
    });
    this.#journal = new Journal(this.#db, {
      written: (rows) => this.#wait(rows, Date.now()),
      recovered: (rows) => this.#wait(rows, Date.now()),
      hasRoom: () => this.#tails.values < settings.TAIL_VALUES_MAX / 2,
      flush: () => this.#flusher.flushNow(Date.now()),
      isWaiting: () => this.#tails.hasJournaled,
      lost() {
        // After the answers to whoever waits: a fresh object knows what this one no longer does.
        setTimeout(() => state.abort("Another shard has taken over."), 0);
      },
    });
    const commits = new GroupCommit<SampleRow>(
      (rows) => this.#commit(rows),
      {
        rowsMax: settings.COMMIT_ROWS_MAX,
        bytesMax: settings.COMMIT_BYTES_MAX,
        queueBytesMax: settings.COMMIT_QUEUE_BYTES_MAX,
        gatherAbove: settings.COMMIT_GATHER_ABOVE,
      },
      () => scheduler.wait(settings.COMMIT_GATHER_MS),
    );
    this.#observed = new Observed(
      { live: this.#live, roster: this.#roster, tails: this.#tails, viewers: this.#viewers },
      (rows) => this.#commit(rows),
    );
    this.#intake = new Intake(this.#db, this.#roster, this.#tails, commits, {
      instanceSpoke: (row, isNews) => this.#instanceSpoke(row, isNews, Date.now()),
      sampleArrived: (id, at, sample) => this.#sampleArrived(id, at, sample, Date.now()),
      instanceMerged: (listed) => this.#observed.removed(listed, Date.now()),
    });
    this.#agents = new AgentSockets(state, this.#intake, this.#roster, this.#tails, {
      watched: (id, at, sample) => this.#viewers.watched(id, at, sample, Date.now()),
      isWatched: (id) => this.#viewers.isWatched(id, Date.now()),
      samplesPerMessage: () => this.#ledger.samplesPerMessage,
    });
    this.#watching = new Watching(this.#viewers, this.#agents);
    this.#stale = new StaleSockets(this.#db, this.#viewers, this.#agents, (hashes) => this.#forgetTokens(hashes));
  }

  /** Whether this token may speak at all. A use is written down at most once an hour. */
  async knowsToken(hash: string): Promise<boolean> {
    this.#ledger.meter.call(Date.now());
    const known = await this.#roster.token(hash);
    if (known) await touchAgentToken(this.#db, hash, Date.now());
    return known !== undefined;
  }

  async ingest(tokenHash: string, batch: Batch): Promise<Taken> {
    return this.#ledger.called(async (now) => {
      if (!batch.stream) await this.#journal.recover();
      const taken = await this.#intake.take(tokenHash, batch, now);
      if (taken.ok) taken.reply = this.#ledger.withThrift(taken.reply);
      const afterwards = this.#afterwards(now);
      if (afterwards) this.ctx.waitUntil(afterwards);
      return taken;
    });
  }

  /** What the asked instances have sent that no block has yet, as the asked series (packed keys); and which hours may not be rolled. */
  async held(instanceIds: string[], keys: string[]): Promise<Held> {
    return this.#ledger.called(async () => {
      await this.#journal.recover();
      const waiting = new Map<string, WaitingSamples>();
      for (const id of instanceIds) {
        const samples = this.#tails.waiting(id, keys);
        if (samples) waiting.set(id, samples);
      }
      return { waiting, unrolled: await this.#roller.unrolled() };
    });
  }

  /** The newest sample of an instance that is in no block yet, and the series of all of them. */
  async newest(instanceId: string): Promise<Newest | undefined> {
    return this.#ledger.called(async () => {
      await this.#journal.recover();
      const last = this.#tails.newestOf(instanceId);
      if (!last) return undefined;
      const keys = new Set(this.#tails.of(instanceId).flatMap(({ keys: ofSample }) => ofSample));
      const seriesKeys = Object.keys(readingsOf({ keys: [...keys], values: new Float64Array(keys.size) }));
      return { at: last.at, metrics: readingsOf(last), seriesKeys };
    });
  }

  /** Writes everything that waits into its blocks, now. */
  async flush(): Promise<void> {
    await this.#ledger.called(async (now) => {
      await this.#journal.recover();
      await this.#flusher.flushNow(now);
      await this.#journal.settle(now);
    });
  }

  /**
   * What has to be done now and then, whoever speaks: blocks that are due, coarser tiers, the count of the day. `used` is what the
   * isolate that calls has used of the plan.
   */
  async tick(now: EpochMs, used?: Usage): Promise<{ hoursRolled: number }> {
    return this.#ledger.called(async () => {
      if (used) this.#ledger.meter.add(used);
      await this.#journal.recover();
      await this.#flusher.flushDue(now);
      await this.#journal.settle(now);
      await this.#ledger.save(now);
      this.#agents.tick(now);
      try {
        return { hoursRolled: await this.#roller.roll(now - this.#ledger.flushEveryMs - settings.ROLL_DELAY_MS) };
      } catch (error) {
        log({ event: "roll_failed", message: messageOf(error) });
        return { hoursRolled: 0 };
      }
    });
  }

  /** What an isolate of the Worker has used. */
  report(used: Usage): void {
    this.#ledger.meter.call(Date.now());
    this.#ledger.meter.add(used);
  }

  async operations(): Promise<Omit<Operations, "steps">> {
    return this.#ledger.called(async (now) => {
      const [retention, rows] = await Promise.all([readRetention(this.#db), listInstances(this.#db)]);
      const { lastAt, problem } = this.#flusher;
      return this.#ledger.report(now, {
        agents: { instances: rows.length, sockets: this.#agents.count, viewers: this.#viewers.count },
        flush: { lastAt, problem, samplesWaiting: this.#tails.count },
        storage: { blocksUnreadable: this.#blocksUnreadable },
        retention,
      });
    });
  }

  forgetTokens(hashes: string[]): void {
    this.#ledger.meter.call(Date.now());
    this.#forgetTokens(hashes);
  }

  #forgetTokens(hashes: readonly string[]): void {
    for (const hash of hashes) {
      this.#roster.forgetToken(hash);
      this.#agents.revoke(hash);
    }
  }

  /** Rows that others wrote: in the database already, and from here on shown. */
  async instancesFound(instances: Found[]): Promise<void> {
    await this.#ledger.called((now) => this.#observed.found(instances, now));
  }

  instancesRemoved(instances: Pick<InstanceRow, "id" | "tags">[], tokenHashes: string[]): void {
    this.forgetTokens(tokenHashes);
    for (const instance of instances) this.#observed.removed(instance, Date.now());
  }

  /** Keeps what was seen from outside; durable when this returns. */
  async record(observations: Observation[]): Promise<void> {
    await this.#ledger.called(async () => {
      await this.#journal.recover();
      await this.#observed.record(observations);
    });
  }

  /** What waits of a check that is gone. */
  subjectsRemoved(ids: string[]): void {
    this.#ledger.meter.call(Date.now());
    for (const id of ids) this.#tails.drop(id, () => true);
  }

  /** When each of these agents was heard last. */
  async heard(instanceIds: string[]): Promise<Heard[]> {
    return this.#ledger.called(async (now) => {
      await this.#journal.recover();
      await this.#picture.fill(now);
      return this.#observed.heard(instanceIds);
    });
  }

  /** Sessions or API tokens that ended: their sockets are told so and closed. */
  sessionsEnded(ids: string[]): void {
    this.#ledger.meter.call(Date.now());
    for (const id of ids) this.#viewers.endSession(id);
  }

  /** Ends the sockets whose session or token is not there any more, however it ended. Called by the tick. */
  async endStaleSockets(): Promise<void> {
    await this.#ledger.called((now) => this.#stale.end(now));
  }

  /** What a person may see is another: their sockets are closed, and come back with what they may now. */
  personChanged(id: string): void {
    this.#ledger.meter.call(Date.now());
    this.#viewers.restartPerson(id);
  }

  /** A socket; the Worker has checked whose it is, and says it in a header that nobody else can set. */
  override async fetch(request: Request): Promise<Response> {
    const now = Date.now();
    this.#ledger.meter.call(now);
    const tokenHash = request.headers.get("x-agent");
    if (tokenHash !== null) {
      const client = this.#agents.accept(tokenHash, now);
      if (!client) return new Response("Too many agents", { status: 503 });
      return new Response(null, { status: 101, webSocket: client });
    }
    if (this.#viewers.count >= settings.VIEWERS_MAX) return new Response("Too many viewers", { status: 503 });
    const { 0: client, 1: server } = new WebSocketPair();
    await this.#journal.recover();
    await this.#picture.fill(now);
    const viewer = JSON.parse(request.headers.get("x-viewer")!) as ViewerIdentity;
    this.#viewers.accept(server, viewer, now);
    const instances = this.#live.snapshot(now).filter(({ tags }) => maySee(viewer.tags, tags));
    server.send(JSON.stringify({ type: "snapshot", version: LIVE_VERSION, now, instances }));
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(socket: WebSocket, text: string | ArrayBuffer): void | Promise<void> {
    const now = Date.now();
    this.#ledger.meter.message(now);
    // On its way when the socket was closed.
    if (socket.readyState !== WebSocket.OPEN) return;
    if (!this.#agents.isAgent(socket)) return this.#watching.said(socket, text, now);
    const waits = this.#agents.message(socket, text, now);
    const afterwards = this.#afterwards(now);
    if (waits || afterwards) return Promise.all([waits, afterwards]).then(() => {});
  }

  override webSocketClose(socket: WebSocket): void {
    this.#socketGone(socket);
  }

  override webSocketError(socket: WebSocket): void {
    this.#socketGone(socket);
  }

  #socketGone(socket: WebSocket): void {
    if (this.#agents.isAgent(socket)) this.#agents.closed(socket);
    else this.#watching.gone(socket, Date.now());
  }

  /** After a message: blocks that have become due, and the count of the day. Undefined where there is nothing to do. */
  #afterwards(now: EpochMs): Promise<void> | undefined {
    if (now < this.#nextLookAt) return undefined;
    this.#nextLookAt = now + settings.FLUSH_LOOK_EVERY_MS;
    return (async () => {
      await this.#journal.recover();
      await this.#flusher.flushDue(now);
      await this.#ledger.save(now);
      this.#ledger.meter.busy(now, Date.now() - now);
    })().catch((error: unknown) => log({ event: "flush_failed", instances: 0, message: messageOf(error) }));
  }

  async #commit(rows: SampleRow[]): Promise<void> {
    if (rows.length === 0) return;
    try {
      await this.#journal.append(rows, Date.now());
    } catch (error) {
      log({ event: "commit_failed", rows: rows.length, message: messageOf(error) });
      throw error;
    }
  }

  /** Rows of the journal wait for their blocks like all others. */
  #wait(rows: readonly SampleRow[], now: EpochMs): void {
    for (const { instanceId, at, stream, seq, metrics, readings = readBack(metrics) } of rows) {
      const { keys, values } = readings;
      this.#tails.add(instanceId, [{ at, stream, seq, keys, values, takenAt: now, isJournaled: true }]);
    }
  }

  /** Samples are in blocks: their agents may forget them. */
  #flushed({ instanceId, samples }: Flushed): void {
    const streams = new Set(samples.map(({ stream }) => stream));
    const waiting = this.#tails.of(instanceId);
    for (const [id, cursor] of this.#roster.cursorsOf(instanceId)) {
      if (!streams.has(cursor.number)) continue;
      const left = waiting.filter(({ stream }) => stream === cursor.number);
      if (confirm(cursor, left)) this.#agents.durable(instanceId, id, cursor.durableSeq);
    }
  }

  #instanceSpoke(row: InstanceRow, isNews: boolean, now: EpochMs): void {
    this.#live.setInstance(row);
    if (!isNews) return;
    const instance = publicInstance(row, this.#live.lastSampleAt(row.id));
    this.#viewers.broadcast({ type: "instance", now, instance }, row.tags);
  }

  #sampleArrived(instanceId: string, at: EpochMs, sample: IncomingSample, now: EpochMs): void {
    this.#live.apply(instanceId, at, sample.fleet);
    this.#viewers.sample(instanceId, at, sample, now);
  }
}

const ROLL_STATE = "roll";

/** Readings of a row of the journal; those of an older version have long names. */
function readBack(metrics: PackedReadings) {
  const { keys, values } = columnsOf(metrics);
  return { keys: keys.map(packKey), values };
}
