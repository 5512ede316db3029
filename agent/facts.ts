import { cpus, hostname, platform, release, totalmem, version } from "node:os";
import type { InstanceFacts } from "../contract/ingest.ts";
import { INSTANCE_NAME_LENGTH_MAX } from "../contract/limits.ts";
import type { EpochMs } from "../contract/units.ts";
import { parseMemory, readMemory } from "./collectors/memory.ts";
import { readBootAt, readBootId } from "./collectors/uptime.ts";
import type { AgentConfig } from "./config.ts";
import type { Procfs } from "./procfs.ts";

/** What this machine is, read at start and after a change of boot. A fact that cannot be told is left out. */
export function readFacts(config: AgentConfig, id: string, procfs: Procfs, wallMs: EpochMs): InstanceFacts {
  const processors = cpus();
  const facts: { [Key in keyof InstanceFacts]: InstanceFacts[Key] | undefined } = {
    id,
    name: nameOf(config),
    region: config.region,
    type: config.instanceType,
    hostname: lineOf(hostname(), 253),
    os: lineOf(orUndefined(() => parseOsRelease(procfs.text("/etc/os-release") ?? "")) ?? version(), 128),
    kernel: lineOf(orUndefined(() => procfs.text("/proc/sys/kernel/osrelease")) ?? `${platform()} ${release()}`, 128),
    arch: process.arch,
    cpuModel: lineOf(processors[0]?.model, 128),
    cpuCount: processors.length || undefined,
    memoryTotalBytes: orUndefined(() => parseMemory(readMemory(procfs)).memory_total_bytes) ?? totalmem(),
    bootId: lineOf(
      orUndefined(() => readBootId(procfs)),
      64,
    ),
    bootAt: orUndefined(() => readBootAt(procfs, wallMs)),
    healthEndpoint: config.healthEndpoint,
  };
  return Object.fromEntries(Object.entries(facts).filter(([, fact]) => fact !== undefined)) as InstanceFacts;
}

/** What the machine is called, at its enrolment and in what it sends. */
export function nameOf(config: AgentConfig): string | undefined {
  return lineOf(config.instanceName ?? hostname(), INSTANCE_NAME_LENGTH_MAX);
}

/** os-release(5). */
export function parseOsRelease(text: string): string | undefined {
  return /^PRETTY_NAME=["']?(.*?)["']?$/m.exec(text)?.[1] || undefined;
}

/** One line of at most so many characters, or nothing. */
function lineOf(text: string | undefined, lengthMax: number): string | undefined {
  return (
    text
      ?.replace(/\p{Cc}+/gu, " ")
      .trim()
      .slice(0, lengthMax) || undefined
  );
}

function orUndefined<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
