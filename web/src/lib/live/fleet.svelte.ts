import { LIVE_VERSION } from "../../../../contract/limits.ts";
import { PROVIDERS } from "../../../../contract/provider-kinds.ts";
import type { FleetInstance, FleetTail, Instance } from "../../../../contract/instance.ts";
import type { LiveMessage, LiveSample } from "../../../../contract/live.ts";
import type { Readings } from "../../../../contract/metric.ts";
import type { DurationMs, EpochMs } from "../../../../contract/units.ts";
import { type Condition, conditionOf, CONDITIONS, isWithoutAgent, statusOf, type Status } from "./status.ts";
import { appendToTail, emptyTail } from "./tail.ts";

export interface Reading {
  lastSampleAt: EpochMs | null;
  latest: Readings;
  tail: FleetTail;
}

/** One instance of the fleet. A row depends on its own entry alone, so a frame redraws only what it names. */
export class FleetEntry {
  readonly id: string;
  instance = $state.raw() as Instance;
  reading = $state.raw() as Reading;
  /** What a search looks through. */
  searchText = "";

  constructor(given: FleetInstance) {
    this.id = given.id;
    this.replace(given);
  }

  replace({ latest, tail, ...instance }: FleetInstance): void {
    this.describe(instance);
    this.reading = { lastSampleAt: instance.lastSampleAt, latest, tail };
  }

  describe(instance: Instance): void {
    this.instance = instance;
    this.searchText = searchTextOf(instance);
  }

  apply(sample: LiveSample): void {
    const { lastSampleAt, tail } = this.reading;
    if (lastSampleAt !== null && sample.at <= lastSampleAt) return;
    this.reading = {
      lastSampleAt: sample.at,
      latest: sample.metrics,
      tail: appendToTail(tail, sample.at, sample.metrics),
    };
  }

  statusAt(now: EpochMs): Status {
    return statusOf(this.reading.lastSampleAt, this.instance.intervalMs, now);
  }

  conditionAt(now: EpochMs): Condition {
    return conditionOf(this.instance, this.reading.lastSampleAt, now);
  }

  get isWithoutAgent(): boolean {
    return isWithoutAgent(this.instance, this.reading.lastSampleAt);
  }
}

function searchTextOf({ id, name, region, type, hostname, os, tags, cloud }: Instance): string {
  const words = [name, id, region, type, hostname, os, ...tags];
  if (cloud) {
    const { kind, id: cloudId, name: cloudName, regionName, plan, image, publicAddresses, privateAddresses } = cloud;
    words.push(PROVIDERS[kind], cloudId, cloudName, regionName, plan, image);
    words.push(...publicAddresses, ...privateAddresses, ...cloud.tags);
  }
  return words.join("\n").toLowerCase();
}

/** The fleet as the live socket tells of it. */
export class Fleet {
  /** Null until the first snapshot: the difference between "none" and "not known yet". */
  #entries = new Map<string, FleetEntry>();
  isKnown = $state(false);
  /** The server speaks a later version of the messages: only a reload helps. */
  isOutdated = $state(false);
  /** Grows when instances come, go or change their facts. */
  membership = $state(0);
  /** Grows with every frame. */
  beat = $state(0);
  /** Grows with every snapshot, and so with every connection. */
  snapshots = $state(0);
  /** How far the server's clock runs ahead of this one. */
  offsetMs: DurationMs = 0;
  /** The server's time when it last spoke: what the picture is true for while the connection is lost. */
  heardAt = $state(0);

  /** Reading it depends on the membership, not on what the entries hold. */
  get entries(): ReadonlyMap<string, FleetEntry> {
    void this.membership;
    return this.#entries;
  }

  apply(message: LiveMessage, clientNow: EpochMs): void {
    this.offsetMs = message.now - clientNow;
    this.heardAt = message.now;
    switch (message.type) {
      case "snapshot":
        this.isOutdated = message.version !== LIVE_VERSION;
        return this.#replaceAll(message.instances);
      case "frame":
        for (const sample of message.samples) this.#entries.get(sample.instanceId)?.apply(sample);
        this.beat += 1;
        return;
      case "sample":
        this.#entries.get(message.sample.instanceId)?.apply(message.sample);
        return;
      case "instance":
        return this.#describe([message.instance]);
      case "instances":
        return this.#describe(message.instances);
      case "removed":
        if (this.#entries.delete(message.instanceId)) this.membership += 1;
        return;
      case "incident":
        // An incident is not of the fleet: whoever counts them hears of it by itself.
        return;
    }
  }

  #replaceAll(instances: FleetInstance[]): void {
    const next = new Map<string, FleetEntry>();
    for (const instance of instances) {
      // The entry stays the same object, so that a reconnect redraws values and not rows.
      const entry = this.#entries.get(instance.id);
      entry?.replace(instance);
      next.set(instance.id, entry ?? new FleetEntry(instance));
    }
    this.#entries = next;
    this.isKnown = true;
    this.snapshots += 1;
    this.membership += 1;
    this.beat += 1;
  }

  /** However many they are, the lists that follow the membership are made anew once. */
  #describe(instances: readonly Instance[]): void {
    for (const instance of instances) {
      const entry = this.#entries.get(instance.id);
      if (entry) entry.describe(instance);
      else this.#entries.set(instance.id, new FleetEntry({ ...instance, latest: {}, tail: emptyTail() }));
    }
    this.membership += 1;
  }
}

export type Counts = Record<Condition, number>;

export function countsOf(entries: Iterable<FleetEntry>, now: EpochMs): Counts {
  const counts = Object.fromEntries(CONDITIONS.map((condition) => [condition, 0])) as Counts;
  for (const entry of entries) counts[entry.conditionAt(now)] += 1;
  return counts;
}
