import { PROVIDERS } from "../contract/provider-kinds.ts";
import type { DurationMs } from "../contract/units.ts";
import type { Clock } from "./clock.ts";
import { cloudOf, readCloudId, type CloudIdentity } from "./cloud-identity.ts";
import type { Log } from "./log.ts";
import { Procfs } from "./procfs.ts";
import { reasonOf } from "./reply.ts";

/** After a start the network may still be coming up; where it answers to none of these, it answers to nobody. */
const PAUSES_MS: readonly DurationMs[] = [5_000, 30_000, 180_000, 900_000];

export interface CloudLookupParts {
  root: string;
  clock: Clock;
  log: Log;
  metadataUrl: string;
  /** `identity` is there from now on. */
  found(): void;
}

/** Finds out beside everything else which machine of which cloud this is. */
export class CloudLookup {
  identity: CloudIdentity | undefined;
  readonly #parts: CloudLookupParts;
  #attempts = 0;
  #cancelNext: (() => void) | undefined;
  #isStopped = false;

  constructor(parts: CloudLookupParts) {
    this.#parts = parts;
  }

  /** One attempt; where it fails, others follow. */
  async look(): Promise<void> {
    const { root, clock, log, metadataUrl, found } = this.#parts;
    const procfs = new Procfs(root);
    const cloudKind = cloudOf(procfs);
    if (cloudKind === undefined) return;
    try {
      const cloudId = await readCloudId(cloudKind, procfs, metadataUrl);
      log.debug(`This machine is ${cloudId} of ${PROVIDERS[cloudKind]}`);
      this.identity = { cloudKind, cloudId };
    } catch (error) {
      log.debug(`${PROVIDERS[cloudKind]} does not tell which machine this is: ${reasonOf(error as Error)}`);
      const pauseMs = PAUSES_MS[this.#attempts++];
      if (pauseMs !== undefined && !this.#isStopped) this.#cancelNext = clock.after(pauseMs, () => void this.look());
      return;
    }
    found();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelNext?.();
  }
}
