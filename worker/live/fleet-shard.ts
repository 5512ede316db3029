import { DurableObject } from "cloudflare:workers";
import { LIVE_VERSION } from "../../contract/limits.ts";
import type { Operations } from "../../contract/operations.ts";
import type { RuleState } from "../../contract/rules.ts";
import type { Readings } from "../../contract/metric.ts";
import type { EpochMs } from "../../contract/units.ts";
import { touchAgentToken } from "../auth/agent-token-store.ts";
import { maySee } from "../auth/principal.ts";
import { database, type Database } from "../db/client.ts";
import { publicInstance } from "../instances/facts.ts";
import { listInstances } from "../instances/store.ts";
import type { InstanceRow } from "../instances/table.ts";
import { log, messageOf } from "../log.ts";
import { Roller, type RollState } from "../series/rolling.ts";
import type { Held } from "../series/query.ts";
import { readRetention } from "../series/ring-store.ts";
import * as settings from "../settings.ts";
import type { Usage } from "../usage.ts";
import { AgentSockets } from "./agent-sockets.ts";
import type { Forecast, IncidentAction } from "./alerting.ts";
import type { Batch } from "./batch.ts";
import { FleetPicture } from "./fleet-picture.ts";
import { Observed, type Found, type Heard, type Observation } from "./observed.ts";
import type { IncomingSample } from "./incoming.ts";
import { Intake, type Taken } from "./intake.ts";
import { Keeping } from "./keeping.ts";
import { Ledger } from "./ledger.ts";
import { LiveState } from "./live-state.ts";
import { newestIn, type Newest } from "./newest.ts";
import { Roster } from "./roster.ts";
import { ShardAlerts } from "./shard-alerts.ts";
import { StaleSockets } from "./stale-sockets.ts";
import { Tails } from "./tails.ts";
import { planOf } from "./thrift.ts";
import { Viewers, type ViewerIdentity } from "./viewers.ts";
import { Watching } from "./watching.ts";

/** A slice of the fleet: takes its samples, writes their blocks, shows them to its viewers. Lifecycle only. */
export class FleetShard extends DurableObject<Env> {
  readonly #db: Database;
  readonly #live = new LiveState();
  readonly #tails = new Tails();
  readonly #roster: Roster;
  readonly #viewers: Viewers;
  readonly #keeping: Keeping;
  readonly #intake: Intake;
  readonly #agents: AgentSockets;
  readonly #picture: FleetPicture;
  readonly #observed: Observed;
  readonly #ledger: Ledger;
  readonly #roller: Roller;
  readonly #stale: StaleSockets;
  readonly #watching: Watching;
  readonly #alerts: ShardAlerts;
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
    this.#keeping = new Keeping({
      db: this.#db,
      tails: this.#tails,
      roster: this.#roster,
      flushEveryMs: () => this.#ledger.flushEveryMs,
      writing: (hours) => this.#roller.adding(hours),
      durable: (instanceId, stream, seq) => this.#agents.durable(instanceId, stream, seq),
      // After the answers to whoever waits: a fresh object knows what this one no longer does.
      lost: () => void setTimeout(() => state.abort("Another shard has taken over."), 0),
    });
    this.#observed = new Observed(
      { live: this.#live, roster: this.#roster, tails: this.#tails, viewers: this.#viewers },
      (rows) => this.#keeping.commit(rows),
    );
    this.#intake = new Intake(this.#db, this.#roster, this.#tails, this.#keeping.commits, {
      instanceSpoke: (row, isNews) => this.#instanceSpoke(row, isNews, Date.now()),
      sampleArrived: (id, at, sample) => this.#sampleArrived(id, at, sample, Date.now()),
      instanceMerged: (listed) => {
        this.#observed.removed(listed, Date.now());
        this.#alerts.later((alerting) => alerting.removed([listed.id], Date.now()));
      },
    });
    this.#agents = new AgentSockets(state, this.#intake, this.#roster, this.#tails, {
      watched: (id, at, sample) => this.#viewers.watched(id, at, sample, Date.now()),
      isWatched: (id) => this.#viewers.isWatched(id, Date.now()),
      samplesPerMessage: () => this.#ledger.samplesPerMessage,
    });
    this.#watching = new Watching(this.#viewers, this.#agents);
    this.#alerts = new ShardAlerts({
      state,
      env,
      db: this.#db,
      live: this.#live,
      viewers: this.#viewers,
      tails: this.#tails,
      rowOf: (id) => this.#live.rowOf(id) ?? this.#roster.knownInstance(id)?.row ?? undefined,
      fill: (now) => this.#fill(now),
    });
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
      if (!batch.stream) await this.#keeping.journal.recover();
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
      await this.#keeping.journal.recover();
      return { waiting: this.#tails.waitingOf(instanceIds, keys), unrolled: await this.#roller.unrolled() };
    });
  }

  /** The newest sample of an instance that is in no block yet, and the series of all of them. */
  async newest(instanceId: string): Promise<Newest | undefined> {
    return this.#ledger.called(async () => {
      await this.#keeping.journal.recover();
      return newestIn(this.#tails, instanceId);
    });
  }

  /** Writes everything that waits into its blocks, now. */
  async flush(): Promise<void> {
    await this.#ledger.called(async (now) => {
      await this.#keeping.journal.recover();
      await this.#keeping.flusher.flushNow(now);
      await this.#keeping.journal.settle(now);
    });
  }

  /**
   * What has to be done now and then, whoever speaks: blocks that are due, coarser tiers, the count of the day. `used` is what the
   * isolate that calls has used of the plan.
   */
  async tick(now: EpochMs, used?: Usage): Promise<{ hoursRolled: number }> {
    return this.#ledger.called(async () => {
      if (used) this.#ledger.meter.add(used);
      await this.#keeping.journal.recover();
      await this.#keeping.flusher.flushDue(now);
      await this.#keeping.journal.settle(now);
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
      const { lastAt, problem } = this.#keeping.flusher;
      return this.#ledger.report(now, {
        agents: { instances: rows.length, sockets: this.#agents.count, viewers: this.#viewers.count },
        flush: { lastAt, problem, samplesWaiting: this.#tails.count },
        storage: { blocksUnreadable: this.#keeping.blocksUnreadable },
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
    await this.#ledger.called(async (now) => {
      // A fleet that is being read would put what it read before over what is told here.
      await this.#picture.underway;
      const rows = await this.#observed.found(instances, now);
      await this.#alerts.try((alerting) => alerting.found(rows, now));
    });
  }

  instancesRemoved(instances: Pick<InstanceRow, "id" | "tags">[], tokenHashes: string[]): void {
    this.forgetTokens(tokenHashes);
    for (const instance of instances) this.#observed.removed(instance, Date.now());
    this.#alerts.later((alerting) =>
      alerting.removed(
        instances.map(({ id }) => id),
        Date.now(),
      ),
    );
  }

  /** Keeps what was seen from outside; durable when this returns. */
  async record(observations: Observation[]): Promise<void> {
    await this.#ledger.called(async (now) => {
      await this.#keeping.journal.recover();
      await this.#observed.record(observations);
      // It is kept; what rules make of it must not have it done again.
      await this.#alerts.try((alerting) => alerting.observed(observations, now));
    });
  }

  /** What waits of a check that is gone. */
  subjectsRemoved(ids: string[]): void {
    this.#ledger.meter.call(Date.now());
    for (const id of ids) this.#tails.drop(id, () => true);
    this.#alerts.later((alerting) => alerting.removed(ids, Date.now()));
  }

  /** Rules, overrides, silences or channels were changed: from here on they hold. */
  async rulesChanged(): Promise<void> {
    await this.#ledger.called((now) => this.#alerts.run((alerting) => alerting.rulesChanged(now)));
  }

  /** Answers the incidents that this changed. */
  async actOnIncidents({ ids, action, note, actor }: IncidentAction): Promise<string[]> {
    return this.#ledger.called((now) => this.#alerts.run((alerting) => alerting.act(ids, action, actor, note, now)));
  }

  async ruleStates(subject: string): Promise<RuleState[]> {
    return this.#ledger.called((now) => this.#alerts.run((alerting) => alerting.states(subject, now)));
  }

  async forecast(forecasts: Forecast[], now: EpochMs): Promise<void> {
    await this.#ledger.called(() => this.#alerts.run((alerting) => alerting.forecast(forecasts, now)));
  }

  /** What no message brings: an agent's silence, silences that begin and end, what is due to be told. Called by the tick. */
  async sweep(now: EpochMs): Promise<void> {
    await this.#ledger.called(() => this.#alerts.run((alerting) => alerting.sweep(now)));
  }

  /** Something waits to be told that did not before. */
  async drainSoon(): Promise<void> {
    await this.#ledger.called((now) => this.#alerts.run(() => this.#alerts.telling.drain(now)));
  }

  override async alarm(): Promise<void> {
    await this.#ledger.called((now) => this.#alerts.try((alerting) => alerting.sweep(now)));
  }

  /** When each of these agents was heard last. */
  async heard(instanceIds: string[]): Promise<Heard[]> {
    return this.#ledger.called(async (now) => {
      await this.#keeping.journal.recover();
      await this.#picture.fill(now);
      return this.#observed.heard(instanceIds);
    });
  }

  /** The last sample of each of these instances that has sent one, as far as it is in the picture of the fleet. */
  async latest(instanceIds: string[]): Promise<Map<string, { lastSampleAt: EpochMs | null; latest: Readings }>> {
    return this.#ledger.called(async (now) => {
      await this.#keeping.journal.recover();
      await this.#picture.fill(now);
      const known = instanceIds.flatMap((id) => {
        const latest = this.#live.latestOf(id);
        return latest ? [[id, latest] as const] : [];
      });
      return new Map(known);
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
    await this.#keeping.journal.recover();
    await this.#picture.fill(now);
    await this.#alerts.telling.usedAt(request.url);
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
      await this.#keeping.journal.recover();
      await this.#keeping.flusher.flushDue(now);
      await this.#ledger.save(now);
      this.#ledger.meter.busy(now, Date.now() - now);
    })().catch((error: unknown) => log({ event: "flush_failed", instances: 0, message: messageOf(error) }));
  }

  /** The rows of the whole fleet, and when each was heard last. */
  async #fill(now: EpochMs): Promise<void> {
    await this.#keeping.journal.recover();
    await this.#picture.fill(now);
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
    this.#alerts.alerting.sampleArrived(instanceId, at, sample, now);
  }
}

const ROLL_STATE = "roll";
