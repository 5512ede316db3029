import { readFileSync } from "node:fs";
import { ConfigError } from "./config.ts";
import { parseEnvFile } from "./env-file.ts";

export const CONFIG_PATH_DEFAULT = "/etc/nephos-agent/agent.env";

/** The file's settings, overridden by the environment's. Only a file that was asked for by name has to be there. */
export function readSettings(
  environment: Record<string, string | undefined>,
  configPath: string | undefined,
): Record<string, string | undefined> {
  return { ...readFile(configPath, environment), ...environment };
}

function readFile(
  configPath: string | undefined,
  environment: Record<string, string | undefined>,
): Record<string, string> {
  const path = configPath ?? CONFIG_PATH_DEFAULT;
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // Started as a service, the same settings are in the environment already.
    if (configPath === undefined && (code === "ENOENT" || environment.NEPHOS_ENDPOINT !== undefined)) return {};
    if (code === "EACCES") {
      throw new ConfigError(path, "cannot be read by this user", "Start the agent with sudo, or as user nephos-agent.");
    }
    if (code === "ENOENT") throw new ConfigError(path, "does not exist", "Give --config the path of a settings file.");
    throw new ConfigError(path, `cannot be read (${code})`, "Give --config the path of a settings file.");
  }
  try {
    return parseEnvFile(text);
  } catch (error) {
    throw new ConfigError(path, (error as Error).message, "Write each setting as KEY=value on a line of its own.");
  }
}
