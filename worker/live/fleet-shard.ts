import { DurableObject } from "cloudflare:workers";
import { viewerMessageSchema } from "../../contract/live.ts";
import { LIVE_VERSION, TAIL_WINDOW_MS } from "../../contract/limits.ts";
import type { Readings } from "../../contract/metric.ts";
import type { EpochMs } from "../../contract/units.ts";
import { maySee } from "../auth/principal.ts";
import { touchAgentToken } from "../auth/agent-token-store.ts";
import { sessionsAndTokensAmong } from "../auth/store.ts";
import { database, type Database } from "../db/client.ts";
import { publicInstance } from "../instances/facts.ts";
import { listInstances } from "../instances/store.ts";
import type { InstanceRow } from "../instances/table.ts";
import { log, messageOf } from "../log.ts";
import type { PackedReadings } from "../series/packed.ts";
import type { SampleRow } from "../series/journal-store.ts";
import { lastInBlockOfEach, recentSamples } from "../series/store.ts";
import * as settings from "../settings.ts";
import type { Batch } from "./batch.ts";
import { GroupCommit } from "./group-commit.ts";
import { Intake, type Taken } from "./intake.ts";
import { Journal } from "./journal.ts";
import { LiveState } from "./live-state.ts";
import { Roster } from "./roster.ts";
import { Viewers, type ViewerIdentity } from "./viewers.ts";

/** A slice of the fleet: takes its samples, commits them in groups, shows them to its viewers. Lifecycle only. */
export class FleetShard extends DurableObject<Env> {
  readonly #db: Database;
  readonly #live = new LiveState();
  readonly #roster: Roster;
  readonly #viewers: Viewers;
  readonly #journal: Journal;
  readonly #intake: Intake;
  #filled: Promise<void> | undefined;

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    this.#db = database(env.DB);
    this.#journal = new Journal(this.#db, () => {
      // After the answers to whoever waits: a fresh object knows what this one no longer does.
      setTimeout(() => state.abort("Another shard has taken over."), 0);
    });
    this.#roster = new Roster(this.#db, this.#journal);
    this.#viewers = new Viewers(state, settings.FRAME_EVERY_MS, (id) => this.#live.rowOf(id)?.tags ?? []);
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
    this.#intake = new Intake(this.#db, this.#roster, commits, {
      instanceSpoke: (row, isNews) => this.#instanceSpoke(row, isNews, Date.now()),
      sampleArrived: (id, at, fleet, packed) => this.#sampleArrived(id, at, fleet, packed, Date.now()),
    });
  }

  /** Whether this token may speak at all. A use is written down at most once an hour. */
  async knowsToken(hash: string): Promise<boolean> {
    const known = await this.#roster.token(hash);
    if (known) await touchAgentToken(this.#db, hash, Date.now());
    return known !== undefined;
  }

  async ingest(tokenHash: string, batch: Batch): Promise<Taken> {
    return this.#intake.take(tokenHash, batch, Date.now());
  }

  /** Makes blocks of what the journal holds. */
  async pack(): Promise<void> {
    await this.#journal.pack(Date.now());
  }

  forgetTokens(hashes: string[]): void {
    for (const hash of hashes) this.#roster.forgetToken(hash);
  }

  /** `row` is as it was before; what this object knows of it is newer. */
  async instanceChanged(row: InstanceRow, { name, tags }: { name?: string; tags?: string[] }): Promise<void> {
    const given = { ...(name !== undefined && { name, nameGiven: name }), ...(tags && { tags }) };
    await this.#roster.instanceChanged(row.id, given);
    const now = Date.now();
    const before = this.#live.rowOf(row.id) ?? row;
    if (tags) this.#viewers.leaveOut(row.id, before.tags, tags, now);
    this.#instanceSpoke({ ...before, ...given }, true, now);
  }

  instanceRemoved({ id, tags }: Pick<InstanceRow, "id" | "tags">, tokenHashes: string[]): void {
    this.forgetTokens(tokenHashes);
    this.#roster.forgetInstance(id);
    this.#live.remove(id);
    this.#viewers.broadcast({ type: "removed", now: Date.now(), instanceId: id }, tags);
  }

  /** Sessions or API tokens that ended: their sockets are told so and closed. */
  sessionsEnded(ids: string[]): void {
    for (const id of ids) this.#viewers.endSession(id);
  }

  /** Ends the sockets whose session or token is not there any more, however it ended. Called by the tick. */
  async endStaleSockets(): Promise<void> {
    const ids = this.#viewers.sessionIds();
    if (ids.length === 0) return;
    const there = new Set(await sessionsAndTokensAmong(this.#db, ids));
    for (const id of ids) if (!there.has(id)) this.#viewers.endSession(id);
  }

  /** What a person may see is another: their sockets are closed, and come back with what they may now. */
  personChanged(id: string): void {
    this.#viewers.restartPerson(id);
  }

  /** A viewer's socket; the Worker has checked the session and the origin, and says whose it is. */
  override async fetch(request: Request): Promise<Response> {
    if (this.#viewers.count >= settings.VIEWERS_MAX) return new Response("Too many viewers", { status: 503 });
    const { 0: client, 1: server } = new WebSocketPair();
    await this.#fill();
    const viewer = JSON.parse(request.headers.get("x-viewer")!) as ViewerIdentity;
    this.#viewers.accept(server, viewer);
    const now = Date.now();
    const instances = this.#live.snapshot(now).filter(({ tags }) => maySee(viewer.tags, tags));
    server.send(JSON.stringify({ type: "snapshot", version: LIVE_VERSION, now, instances }));
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(socket: WebSocket, text: string | ArrayBuffer): void {
    try {
      const message = viewerMessageSchema.parse(JSON.parse(String(text)));
      this.#viewers.watch(socket, message.type === "watch" ? message.instanceId : null);
    } catch (error) {
      log({ event: "viewer_message_refused", message: messageOf(error).slice(0, 200) });
    }
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

  #instanceSpoke(row: InstanceRow, isNews: boolean, now: EpochMs): void {
    this.#live.setInstance(row);
    if (!isNews) return;
    const instance = publicInstance(row, this.#live.lastSampleAt(row.id));
    this.#viewers.broadcast({ type: "instance", now, instance }, row.tags);
  }

  #sampleArrived(instanceId: string, at: EpochMs, fleet: Readings, packed: PackedReadings, now: EpochMs): void {
    this.#live.apply(instanceId, at, fleet);
    this.#viewers.sample({ instanceId, at, metrics: fleet }, packed, now);
  }

  /** Reads the whole fleet's last half hour once per life of this object, when the first viewer asks. */
  #fill(): Promise<void> {
    this.#filled ??= this.#readFleet().catch((error: unknown) => {
      this.#filled = undefined;
      throw error;
    });
    return this.#filled;
  }

  async #readFleet(): Promise<void> {
    const [rows, last, recent] = await Promise.all([
      listInstances(this.#db),
      lastInBlockOfEach(this.#db),
      recentSamples(this.#db, Date.now() - TAIL_WINDOW_MS),
    ]);
    // What came in while this was read is newer than what was read.
    for (const row of rows) if (!this.#live.rowOf(row.id)) this.#live.setInstance(row);
    for (const { instanceId, at, metrics } of [...recent, ...last]) this.#live.apply(instanceId, at, metrics);
  }
}
