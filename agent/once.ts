import { writeSync } from "node:fs";
import type { IngestEnvelope } from "../contract/ingest.ts";
import type { DurationMs } from "../contract/units.ts";
import type { Agent } from "./agent.ts";
import type { Clock } from "./clock.ts";
import { inWords, type Log } from "./log.ts";

/** Between the two readings a rate is made of. */
const BETWEEN_READINGS_MS: DurationMs = 1_000;
/** Nobody waits for the next sample, so the health check may take all of its own time. */
const HEALTH_WAIT_MS: DurationMs = 6_000;

/** Reads twice, so that there are rates, and sends the second sample. Answers the exit code. */
export async function runOnce(agent: Agent, clock: Clock, log: Log, isDryRun: boolean): Promise<0 | 1> {
  const lookUp = agent.lookUpCloud();
  await agent.sampler.take(HEALTH_WAIT_MS);
  await new Promise<void>((resolve) => clock.after(BETWEEN_READINGS_MS, resolve));
  const { stream, sample } = await agent.sampler.take(HEALTH_WAIT_MS);
  await lookUp;
  const envelope = agent.envelopeOf({ stream, samples: [sample] });
  if (isDryRun) {
    print(envelope);
    return 0;
  }
  const outcome = await agent.send(envelope);
  if (outcome.kind === "taken") {
    const { metricsIngested, accepted, durableSeq } = outcome.reply;
    log.info(`Metrics sent successfully: ${inWords({ metricsIngested, accepted, durableSeq })}`);
    return 0;
  }
  log.warn(`Could not send: ${outcome.why}`);
  return 1;
}

/** Standard output may be a pipe that takes only so much at a time. */
function print(envelope: IngestEnvelope): void {
  let rest = Buffer.from(`${JSON.stringify(envelope, null, 2)}\n`);
  while (rest.length > 0) rest = rest.subarray(writeSync(1, rest));
}
