import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { AgentConfig } from "./config.ts";

export interface Identity {
  id: string;
  /** False where the next start would find another. */
  isKept: boolean;
}

/** What this machine is known by: as set, or its own. */
export function identityOf({ instanceId, root, stateDirectory }: AgentConfig): Identity {
  return instanceId === undefined ? readInstanceId(root, stateDirectory) : { id: instanceId, isKept: true };
}

/**
 * The machine's stable id: from /etc/machine-id, hashed with this program's name, because machine-id(5) is confidential and
 * must not leave the machine as it is. Without one, a random id that is kept in the state directory.
 */
export function readInstanceId(root: string, stateDirectory: string | undefined): Identity {
  const machineId = readTrimmed(join(root, "etc/machine-id"));
  if (machineId !== undefined && /^[0-9a-f]{32}$/.test(machineId)) return { id: idOfMachine(machineId), isKept: true };
  return keptId(stateDirectoryOf(stateDirectory));
}

/** Where this agent keeps what it keeps. Run by hand it has no directory of the service's. */
export function stateDirectoryOf(given: string | undefined): string {
  return given ?? join(homedir(), ".local/state/nephos-agent");
}

export function idOfMachine(machineId: string): string {
  return createHash("sha256").update(`nephos-agent:${machineId}`).digest("hex").slice(0, 32);
}

function keptId(directory: string): Identity {
  const path = join(directory, "instance-id");
  const known = readTrimmed(path);
  if (known !== undefined && /^[0-9a-f-]{36}$/.test(known)) return { id: known, isKept: true };
  // Readable by all: an operator who tries the agent by hand is the same instance as the service.
  const id = randomUUID();
  try {
    mkdirSync(directory, { recursive: true });
    writeFileSync(path, `${id}\n`, { mode: 0o644 });
    return { id, isKept: true };
  } catch {
    return { id, isKept: false };
  }
}

function readTrimmed(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
}
