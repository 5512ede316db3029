import { randomUUID } from "node:crypto";
import { SAMPLE_AGE_MAX_MS } from "../contract/limits.ts";
import type { InstanceFacts, IngestEnvelope } from "../contract/ingest.ts";
import type { Clock } from "./clock.ts";
import { createCollectors } from "./collectors/index.ts";
import type { AgentConfig } from "./config.ts";
import { Delivery } from "./delivery.ts";
import { readFacts } from "./facts.ts";
import { HealthCheck } from "./health-check.ts";
import type { Log } from "./log.ts";
import { Loop } from "./loop.ts";
import { Procfs } from "./procfs.ts";
import { Sampler } from "./sampler.ts";
import { envelopeOf, send, type Outcome } from "./sender.ts";
import { Spool, type Batch } from "./spool.ts";
import { Stream } from "./stream.ts";
import { VERSION } from "./version.ts";

/** A day of samples at the usual interval. */
const SPOOL_SAMPLES_MAX = 2_880;

/** The parts of one agent, put together. */
export interface Agent {
  loop: Loop;
  sampler: Sampler;
  envelopeOf(batch: Batch): IngestEnvelope;
  send(envelope: IngestEnvelope): Promise<Outcome>;
}

export function createAgent(config: AgentConfig, instanceId: string, clock: Clock, log: Log): Agent {
  const { intervalMs, root } = config;
  const stream = new Stream(randomUUID);
  // The edge takes nothing older than a week, so at long intervals a week is the bound.
  const spool = new Spool(Math.max(1, Math.min(SPOOL_SAMPLES_MAX, Math.floor(SAMPLE_AGE_MAX_MS / intervalMs))));
  const readInstance = (): InstanceFacts => readFacts(config, instanceId, new Procfs(root), clock.wallMs());
  let instance = readInstance();
  const verbs = {
    envelopeOf: (batch: Batch) => envelopeOf(VERSION, instance, batch, clock.wallMs(), intervalMs),
    send: (envelope: IngestEnvelope) => {
      if (!config.ingestUrl || !config.token) throw new Error("nowhere to send to");
      return send({ ingestUrl: config.ingestUrl, token: config.token, version: VERSION }, envelope, clock.wallMs());
    },
    newStreamId: randomUUID,
    streamRenamed: (from: string, to: string) => {
      if (stream.id === from) stream.rename(to);
    },
  };
  const sampler = new Sampler({
    root,
    clock,
    log,
    stream,
    health: config.healthEndpoint ? new HealthCheck(config.healthEndpoint, clock) : undefined,
    createCollectors: () => createCollectors({ ...config, clock }, root),
    queueReadings: () => ({ agent_samples_waiting: spool.size, agent_samples_dropped: spool.dropped }),
    bootChanged: () => (instance = readInstance()),
  });
  const delivery = new Delivery(spool, clock, log, verbs);
  const loop = new Loop({ clock, log, sampler, spool, delivery, intervalMs });
  return { loop, sampler, envelopeOf: verbs.envelopeOf, send: verbs.send };
}
