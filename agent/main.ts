import { createAgent } from "./agent.ts";
import { HELP, parseArguments, type Command } from "./arguments.ts";
import { systemClock } from "./clock.ts";
import { configOf, ConfigError, describeConfig } from "./config.ts";
import { readInstanceId } from "./instance-id.ts";
import { createLog, inWords } from "./log.ts";
import { runOnce } from "./once.ts";
import { readSettings } from "./settings-source.ts";
import { VERSION } from "./version.ts";

async function main(command: Command): Promise<void> {
  if (command.kind === "help") return void process.stdout.write(HELP);
  if (command.kind === "version") return void process.stdout.write(`${VERSION}\n`);

  const isDryRun = command.kind === "once" && command.isDryRun;
  const config = configOf(readSettings(process.env, command.configPath), !isDryRun);
  const log = createLog({ isDebug: config.isDebug, fileDescriptor: isDryRun ? 2 : 1, secrets: [config.token ?? ""] });
  const identity = config.instanceId
    ? { id: config.instanceId, isKept: true }
    : readInstanceId(config.root, config.stateDirectory);
  if (!identity.isKept) log.warn("This machine has no id that lasts and none could be kept: set INSTANCE_ID");
  const agent = createAgent(config, identity.id, systemClock, log);

  if (command.kind === "once") process.exit(await runOnce(agent, systemClock, log, isDryRun));

  log.info("Nephos Agent Starting...");
  log.info(`Configuration: ${inWords({ version: VERSION, ...describeConfig(config, identity.id) })}`);
  let isStopping = false;
  const stop = async () => {
    if (isStopping) return;
    isStopping = true;
    log.info("Stopping: sending what is kept");
    await agent.loop.stop();
    process.exit(0);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  await agent.loop.start();
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
