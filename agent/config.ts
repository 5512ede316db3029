import {
  INSTANCE_ID_LENGTH_MAX,
  INSTANCE_NAME_LENGTH_MAX,
  INTERVAL_DEFAULT_MS,
  INTERVAL_MAX_MS,
  INTERVAL_MIN_MS,
} from "../contract/limits.ts";
import type { DurationMs } from "../contract/units.ts";
import { parseEndpoint } from "./endpoint.ts";
import { EVERY_NAME, parseNameList, type NameList } from "./name-list.ts";
import { faultOfToken, type Purpose } from "./token.ts";

export interface AgentConfig {
  /** These four are undefined only where nothing is to be sent. */
  ingestUrl?: string;
  agentUrl?: string;
  enrolUrl?: string;
  token?: string;
  /** Undefined: the machine's own stable id. */
  instanceId?: string;
  instanceName?: string;
  region?: string;
  instanceType?: string;
  healthEndpoint?: string;
  intervalMs: DurationMs;
  nics: NameList;
  filesystems: NameList;
  includeNetworkFilesystems: boolean;
  /** Below it /proc and /sys are read. */
  root: string;
  stateDirectory?: string;
  /** Is the cloud's metadata service asked which machine this is? */
  isCloudMetadataRead: boolean;
  /** How large the spool may be on disk; 0: it is kept in memory only. */
  spoolBytesMax: number;
  isDebug: boolean;
}

/** A setting the agent cannot work with: names it, what is wrong and what to do. The program ends with code 2. */
export class ConfigError extends Error {
  constructor(setting: string, complaint: string, remedy: string) {
    super(`${setting} ${complaint}. ${remedy}`);
  }
}

const SPOOL_MEGABYTES_DEFAULT = 64;
const SPOOL_MEGABYTES_MAX = 1_024;
/** As the wire's instanceIdSchema; written again because that file brings its whole schema library along. */
const INSTANCE_ID = /^[A-Za-z0-9][A-Za-z0-9._:@-]*$/;
const TRUE = /^(1|true|yes|on)$/i;
const FALSE = /^(0|false|no|off)$/i;

/** Settings by name, as they stand in the file and the environment, into one the agent can work with. */
export function configOf(settings: Record<string, string | undefined>, purpose: Purpose): AgentConfig {
  const text = (name: string) => settings[name]?.trim() || undefined;
  const isTrue = (name: string) => TRUE.test(text(name) ?? "");
  const optional = <Key extends string>(key: Key, value: string | undefined) =>
    (value === undefined ? {} : { [key]: value }) as { [K in Key]?: string };

  return {
    ...destinationOf(text("NEPHOS_ENDPOINT"), text("NEPHOS_TOKEN"), isTrue("NEPHOS_ALLOW_HTTP"), purpose),
    ...optional("instanceId", instanceIdOf(text("INSTANCE_ID"))),
    ...optional("instanceName", lineOf("INSTANCE_NAME", text("INSTANCE_NAME"), INSTANCE_NAME_LENGTH_MAX)),
    ...optional("region", lineOf("NEPHOS_REGION", text("NEPHOS_REGION") ?? text("VULTR_REGION"), 64)),
    ...optional("instanceType", lineOf("INSTANCE_TYPE", text("INSTANCE_TYPE"), 64)),
    ...optional("healthEndpoint", healthEndpointOf(text("HEALTH_ENDPOINT"))),
    ...optional("stateDirectory", text("NEPHOS_STATE_DIRECTORY") ?? text("STATE_DIRECTORY")?.split(":")[0]),
    isCloudMetadataRead: cloudMetadataOf(text("NEPHOS_CLOUD_METADATA")),
    spoolBytesMax: spoolMegabytesOf(text("NEPHOS_SPOOL_MB")) * 1_000_000,
    intervalMs: intervalOf(text("COLLECTION_INTERVAL")),
    nics: text("NICS") ? parseNameList(text("NICS")!) : EVERY_NAME,
    filesystems: text("NEPHOS_FILESYSTEMS") ? parseNameList(text("NEPHOS_FILESYSTEMS")!) : EVERY_NAME,
    includeNetworkFilesystems: isTrue("NEPHOS_INCLUDE_NETWORK_FILESYSTEMS"),
    root: text("NEPHOS_ROOT") ?? "/",
    isDebug: isTrue("DEBUG"),
  };
}

function destinationOf(
  address: string | undefined,
  givenToken: string | undefined,
  isHttpAllowed: boolean,
  purpose: Purpose,
): { ingestUrl?: string; agentUrl?: string; enrolUrl?: string; token?: string } {
  if (address === undefined) {
    if (purpose === "print") return {};
    throw new ConfigError("NEPHOS_ENDPOINT", "is not set", "Set it to the address of your Nephos.");
  }
  const endpoint = parseEndpoint(address, isHttpAllowed);
  if ("complaint" in endpoint) throw new ConfigError("NEPHOS_ENDPOINT", endpoint.complaint, endpoint.remedy);
  const { ingestUrl, agentUrl, enrolUrl } = endpoint;
  const token = givenToken ?? endpoint.token;
  if (token === undefined) {
    if (purpose === "print") return { ingestUrl, agentUrl, enrolUrl };
    throw new ConfigError("NEPHOS_TOKEN", "is not set", "Make a token for this machine in the dashboard and set it.");
  }
  const fault = faultOfToken(token, purpose);
  if (fault) throw new ConfigError("NEPHOS_TOKEN", fault.complaint, fault.remedy);
  return { ingestUrl, agentUrl, enrolUrl, token };
}

function instanceIdOf(id: string | undefined): string | undefined {
  if (id === undefined || (INSTANCE_ID.test(id) && id.length <= INSTANCE_ID_LENGTH_MAX)) return id;
  throw new ConfigError(
    "INSTANCE_ID",
    "is not an id Nephos takes",
    `Use at most ${INSTANCE_ID_LENGTH_MAX} letters, digits and . _ : @ - and start with a letter or digit.`,
  );
}

function lineOf(setting: string, value: string | undefined, lengthMax: number): string | undefined {
  if (value === undefined || (value.length <= lengthMax && !/\p{Cc}/u.test(value))) return value;
  throw new ConfigError(setting, "is too long or holds control characters", `Use at most ${lengthMax} characters.`);
}

function healthEndpointOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (/^https?:\/\/[^\s\p{Cc}]+$/u.test(text) && isUrl(text) && text.length <= 512) return text;
  throw new ConfigError("HEALTH_ENDPOINT", "is not an address", "Write it whole, as http://127.0.0.1:8080/health.");
}

/** URL.canParse is younger than the oldest Node the agent runs on. */
function isUrl(text: string): boolean {
  try {
    return Boolean(new URL(text));
  } catch {
    return false;
  }
}

function intervalOf(text: string | undefined): DurationMs {
  if (text === undefined) return INTERVAL_DEFAULT_MS;
  const intervalMs = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (intervalMs >= INTERVAL_MIN_MS && intervalMs <= INTERVAL_MAX_MS) return intervalMs;
  throw new ConfigError(
    "COLLECTION_INTERVAL",
    `is in milliseconds, and ${JSON.stringify(text.slice(0, 40))} is not from ${INTERVAL_MIN_MS} to ${INTERVAL_MAX_MS}`,
    `For one sample every 30 seconds set ${INTERVAL_DEFAULT_MS}.`,
  );
}

/** A misspelt "off" must not leave on what somebody wanted off. */
function cloudMetadataOf(text: string | undefined): boolean {
  if (text === undefined || TRUE.test(text)) return true;
  if (FALSE.test(text)) return false;
  throw new ConfigError(
    "NEPHOS_CLOUD_METADATA",
    `is on or off, not ${JSON.stringify(text.slice(0, 40))}`,
    "Set it to off where the cloud's metadata service is not to be asked, or leave it out.",
  );
}

function spoolMegabytesOf(text: string | undefined): number {
  if (text === undefined) return SPOOL_MEGABYTES_DEFAULT;
  if (/^\d{1,4}$/.test(text) && Number(text) <= SPOOL_MEGABYTES_MAX) return Number(text);
  throw new ConfigError(
    "NEPHOS_SPOOL_MB",
    `is in megabytes, and ${JSON.stringify(text.slice(0, 40))} is not a whole number from 0 to ${SPOOL_MEGABYTES_MAX}`,
    `Leave it out for ${SPOOL_MEGABYTES_DEFAULT}, or set 0 to keep samples in memory only.`,
  );
}

/** What the log tells of the settings at start. No secret: an address may carry one in its query, so that is left out. */
export function describeConfig(config: AgentConfig, instanceId: string): Record<string, unknown> {
  return {
    endpoint: config.ingestUrl,
    token: config.token === undefined ? undefined : "****",
    instanceId,
    instanceName: config.instanceName,
    region: config.region,
    instanceType: config.instanceType,
    healthEndpoint: config.healthEndpoint?.replace(/\?.*$/, "?…").replace(/\/\/[^/]*@/, "//"),
    collectionInterval: config.intervalMs,
  };
}
