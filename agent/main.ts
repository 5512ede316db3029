import { createAgent } from "./agent.ts";
import { HELP, parseArguments, type Command } from "./arguments.ts";
import { systemClock } from "./clock.ts";
import { configOf, ConfigError, describeConfig } from "./config.ts";
import { runEnrol } from "./enrol.ts";
import { identityOf } from "./instance-id.ts";
import { createLog, inWords } from "./log.ts";
import { runOnce } from "./once.ts";
import { readSettings } from "./settings-source.ts";
import type { Purpose } from "./token.ts";
import { VERSION } from "./version.ts";

async function main(command: Command): Promise<void> {
  if (command.kind === "help") return void process.stdout.write(HELP);
  if (command.kind === "version") return void process.stdout.write(`${VERSION}\n`);

  const purpose = purposeOf(command);
  const config = configOf(readSettings(process.env, command.configPath), purpose);
  // Where something is printed for whoever called, standard output holds nothing else.
  const fileDescriptor = purpose === "send" ? 1 : 2;
  const log = createLog({ isDebug: config.isDebug, fileDescriptor, secrets: [config.token ?? ""] });
  if (command.kind === "enrol") process.exit(await runEnrol(config, systemClock, log));

  const identity = identityOf(config);
  if (!identity.isKept) log.warn("This machine has no id that lasts and none could be kept: set INSTANCE_ID");
  const agent = createAgent(config, identity.id, systemClock, log);

  if (command.kind === "once") process.exit(await runOnce(agent, systemClock, log, command.isDryRun));

  log.info("Nephos Agent Starting...");
  log.info(`Configuration: ${inWords({ version: VERSION, ...describeConfig(config, identity.id) })}`);
  let isStopping = false;
  const stop = async () => {
    if (isStopping) return;
    isStopping = true;
    log.info("Stopping: sending what was not sent yet");
    await agent.stop();
    process.exit(0);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  await agent.start();
}

function purposeOf(command: Command): Purpose {
  if (command.kind === "enrol") return "enrol";
  return command.kind === "once" && command.isDryRun ? "print" : "send";
}

try {
  await main(parseArguments(process.argv.slice(2)));
} catch (error) {
  // A setting that cannot be used is the operator's to mend: one line and code 2. Anything else is a fault of the agent.
  const isRefusal = error instanceof ConfigError;
  process.stderr.write(
    `nephos-agent: ${isRefusal || !(error instanceof Error) ? String((error as Error).message) : error.stack}\n`,
  );
  process.exitCode = isRefusal ? 2 : 1;
}
