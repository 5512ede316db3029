import type { Instance } from "../../../../contract/instance.ts";
import type { DurationMs, EpochMs } from "../../../../contract/units.ts";

/** How long two machines that use one token are worth a warning after they were last seen to. */
const WARNED_FOR_MS: DurationMs = 24 * 3_600_000;

/** As it is said in one line, where there is no room for what to do about it. */
export const CLONED = "Two machines are using this instance's token";

export function isClonedLately({ clonedAt }: Pick<Instance, "clonedAt">, now: EpochMs): boolean {
  return clonedAt !== null && now - clonedAt < WARNED_FOR_MS;
}
