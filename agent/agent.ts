import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { AGENT_CAPABILITIES, AgentHello } from "../contract/agent-link.ts";
import { INTERVAL_DEFAULT_MS, PROTOCOL, SAMPLE_AGE_MAX_MS } from "../contract/limits.ts";
import type { InstanceFacts, IngestEnvelope } from "../contract/ingest.ts";
import type { Clock } from "./clock.ts";
import { METADATA_URL } from "./cloud-identity.ts";
import { CloudLookup } from "./cloud-lookup.ts";
import { createCollectors } from "./collectors/index.ts";
import type { AgentConfig } from "./config.ts";
import { Delivery } from "./delivery.ts";
import { readFacts } from "./facts.ts";
import { HealthCheck } from "./health-check.ts";
import { stateDirectoryOf } from "./instance-id.ts";
import { Link } from "./link.ts";
import type { Log } from "./log.ts";
import { Loop } from "./loop.ts";
import type { GivenUp } from "./losses.ts";
import { Procfs } from "./procfs.ts";
import { Sampler } from "./sampler.ts";
import { envelopeOf, samplesMessageOf, send, type Outcome } from "./sender.ts";
import { Spool, type Batch } from "./spool.ts";
import { SpoolLog } from "./spool-log.ts";
import { Stream } from "./stream.ts";
import { VERSION } from "./version.ts";
import { Watching } from "./watching.ts";

/** A week at the usual interval: the edge takes nothing older. */
const SPOOL_SAMPLES_MAX = SAMPLE_AGE_MAX_MS / INTERVAL_DEFAULT_MS;
/** 48 MB: a machine of several hundred series is to stay within what the service may use. */
const SPOOL_READINGS_MAX = 6_000_000;
const CAPABILITIES: string[] = ["resend", "watch", "config"] satisfies [...typeof AGENT_CAPABILITIES];

/** The parts of one agent, put together. */
export interface Agent {
  /** Takes up what an earlier run kept, and begins. */
  start(): Promise<void>;
  /** Sends what was not sent yet, and ends. */
  stop(): Promise<void>;
  /** Asks the cloud which machine this is, if it has one and may be asked; done when it answered or did not. */
  lookUpCloud(): Promise<void>;
  sampler: Sampler;
  envelopeOf(batch: Batch): IngestEnvelope;
  send(envelope: IngestEnvelope): Promise<Outcome>;
}

export function createAgent(
  config: AgentConfig,
  instanceId: string,
  clock: Clock,
  log: Log,
  metadataUrl = METADATA_URL,
): Agent {
  const { intervalMs, root } = config;
  const stream = new Stream(randomUUID);
  const spool = new Spool(
    { samplesMax: SPOOL_SAMPLES_MAX, readingsMax: SPOOL_READINGS_MAX, ageMaxMs: SAMPLE_AGE_MAX_MS },
    (given) => log.warn(inWords(given)),
  );
  const cloud = config.isCloudMetadataRead
    ? new CloudLookup({ root, clock, log, metadataUrl, found: () => renewFacts() })
    : undefined;
  const readInstance = (): InstanceFacts => ({
    ...readFacts(config, instanceId, new Procfs(root), clock.wallMs()),
    ...cloud?.identity,
  });
  let instance = readInstance();
  const collecting = {
    root,
    clock,
    createCollectors: () => createCollectors({ ...config, clock }, root),
    queueReadings: () => ({ agent_samples_waiting: spool.waiting, agent_samples_dropped: spool.dropped }),
  };
  const watching = new Watching({ ...collecting, intervalMs });
  const hello = (): AgentHello => ({
    type: "hello",
    protocol: PROTOCOL,
    agent: { version: VERSION, capabilities: CAPABILITIES },
    instance,
    sentAt: clock.wallMs(),
    intervalMs,
  });
  let link: Link | undefined;
  // On a socket facts travel with a hello. One that is not open yet says them when it is.
  const renewFacts = () => {
    instance = readInstance();
    link?.send(hello());
  };
  const destinationOf = ({ ingestUrl, agentUrl, token }: AgentConfig) => {
    if (!ingestUrl || !agentUrl || !token) throw new Error("nowhere to send to");
    return { ingestUrl, agentUrl, token, version: VERSION };
  };
  const verbs = {
    envelopeOf: (batch: Batch) => envelopeOf(VERSION, instance, batch, clock.wallMs(), intervalMs),
    send: (envelope: IngestEnvelope) => send(destinationOf(config), envelope, clock.wallMs()),
  };
  const delivery = new Delivery(spool, clock, log, {
    ...verbs,
    openLink: (events) => {
      const { agentUrl, token } = destinationOf(config);
      return (link = new Link({ url: agentUrl, token, version: VERSION, clock, hello }, events));
    },
    messageOf: (batch) => samplesMessageOf(batch, clock.wallMs()),
    liveStream: () => stream.id,
    beginStream: () => stream.beginAnew(),
    newStreamId: randomUUID,
    streamRenamed: (from, to) => {
      if (stream.id === from) stream.rename(to);
    },
    watch: (everyMs, forMs, sendWatched) => watching.watch(everyMs, forMs, sendWatched),
    endWatch: () => watching.end(),
    isWatched: () => watching.isOn,
  });
  const sampler = new Sampler({
    ...collecting,
    log,
    stream,
    health: config.healthEndpoint ? new HealthCheck(config.healthEndpoint, clock) : undefined,
    bootChanged: renewFacts,
  });
  const loop = new Loop({ clock, log, sampler, spool, delivery, intervalMs });
  const directory = join(stateDirectoryOf(config.stateDirectory), "spool");
  const bytesMax = config.spoolBytesMax;
  const spoolLog = bytesMax > 0 ? new SpoolLog({ directory, bytesMax, spool, clock, log }) : undefined;
  return {
    start: async () => {
      void cloud?.look();
      await spoolLog?.open();
      await loop.start();
    },
    stop: async () => {
      cloud?.stop();
      await loop.stop();
      await spoolLog?.close();
    },
    lookUpCloud: async () => cloud?.look(),
    sampler,
    ...verbs,
  };
}

function inWords({ why, count, from, to }: GivenUp): string {
  const minuteOf = (at: number) => new Date(at).toISOString().slice(0, 16).replace("T", " ");
  const reason = why === "full" ? "the spool is full" : "they are older than Nephos takes";
  return `${count} samples of ${minuteOf(from)} to ${minuteOf(to)} (UTC) were given up: ${reason}`;
}
