import { ConfigError } from "./config.ts";

export type Command =
  | { kind: "help" }
  | { kind: "version" }
  | { kind: "run"; configPath?: string }
  | { kind: "once"; configPath?: string; isDryRun: boolean }
  | { kind: "enrol"; configPath?: string };

export const HELP = `Nephos agent: reads this machine's own figures and sends them to your Nephos.

  nephos-agent                   run until stopped
  nephos-agent --once            collect, send once, and say what the server answered
  nephos-agent --once --dry-run  print what would be sent, and send nothing
  nephos-agent --enrol           exchange the enrolment token in NEPHOS_TOKEN for the agent's own, and print that
  nephos-agent --config PATH     settings file; default /etc/nephos-agent/agent.env
  nephos-agent --version
  nephos-agent --help

Settings come from the file, and the environment comes before the file. NEPHOS_ENDPOINT and NEPHOS_TOKEN are needed to send.
`;

/** What the command line asks for. */
export function parseArguments(words: readonly string[]): Command {
  const rest = [...words];
  const options: { configPath?: string } = {};
  let isOnce = false;
  let isDryRun = false;
  let isEnrolling = false;
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--help" || word === "-h") return { kind: "help" };
    if (word === "--version" || word === "-v") return { kind: "version" };
    if (word === "--once") isOnce = true;
    else if (word === "--enrol") isEnrolling = true;
    else if (word === "--dry-run") isDryRun = true;
    else if (word.startsWith("--config=")) options.configPath = word.slice("--config=".length);
    else if (word === "--config" && rest[0] !== undefined) options.configPath = rest.shift()!;
    else throw new ConfigError(word, "is not an option, or lacks its value", "See nephos-agent --help.");
  }
  if (isDryRun && !isOnce)
    throw new ConfigError("--dry-run", "goes with --once", "Write nephos-agent --once --dry-run.");
  if (isEnrolling && isOnce)
    throw new ConfigError("--enrol", "does not go with --once", "Enrol first, then run nephos-agent --once.");
  if (isEnrolling) return { kind: "enrol", ...options };
  return isOnce ? { kind: "once", isDryRun, ...options } : { kind: "run", ...options };
}
