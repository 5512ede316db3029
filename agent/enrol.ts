import { writeSync } from "node:fs";
import type { Clock } from "./clock.ts";
import { ConfigError, type AgentConfig } from "./config.ts";
import { nameOf } from "./facts.ts";
import { identityOf } from "./instance-id.ts";
import type { Log } from "./log.ts";
import { exchangeToken } from "./token-exchange.ts";
import { isOwnToken } from "./token.ts";
import { VERSION } from "./version.ts";

/** Prints the agent's own token and nothing else, for a program to take. Answers the exit code. */
export async function runEnrol(config: AgentConfig, clock: Clock, log: Log): Promise<0 | 1> {
  const { token, enrolUrl } = config;
  if (!token || !enrolUrl) throw new Error("nowhere to enrol");
  if (isOwnToken(token)) return print(token);

  const { id, isKept } = identityOf(config);
  if (!isKept) {
    // The token would speak for an instance that no longer is after the next start.
    throw new ConfigError(
      "INSTANCE_ID",
      "is not set, this machine has no id that lasts, and none could be kept",
      "Set it, or give the agent a state directory it can write.",
    );
  }
  const name = nameOf(config);
  const instance = name === undefined ? { id } : { id, name };
  const enrolled = await exchangeToken({ enrolUrl, token, version: VERSION, instance }, clock, log);
  if (enrolled.kind === "enrolled") return print(enrolled.token);
  log.warn(`Could not enrol: ${enrolled.why}`);
  return 1;
}

function print(token: string): 0 {
  writeSync(1, `${token}\n`);
  return 0;
}
