import { PROVIDERS } from "../../contract/providers.ts";
import type { CheckKind } from "../../contract/check-kinds.ts";
import type { Judgement } from "../../contract/verdict.ts";
import type { DurationMs } from "../../contract/units.ts";
import type { Subject } from "../alerts/evaluation.ts";
import type { InstanceRow } from "../instances/table.ts";
import { INTERVAL_DEFAULT_MS } from "../../contract/limits.ts";

/** What the sentinel says of a check beside its round. */
export interface CheckAbout {
  name: string;
  instanceId: string | null;
  tags: string[];
  kind: CheckKind;
  everyMs: DurationMs;
  judgement: Judgement | null;
}

/** Instances and checks as rules see them; the same object for as long as nothing of it changes. */
export class Subjects {
  readonly #instances = new WeakMap<InstanceRow, Subject>();
  readonly #checks = new Map<string, { about: string; subject: Subject }>();

  ofInstance(row: InstanceRow): Subject {
    let subject = this.#instances.get(row);
    if (!subject) this.#instances.set(row, (subject = instanceSubject(row)));
    return subject;
  }

  ofCheck(id: string, about: CheckAbout, instance: InstanceRow | undefined): Subject {
    const { name, instanceId, tags, kind, everyMs } = about;
    const place = instance && placeOf(instance);
    const facts = JSON.stringify([name, instanceId, tags, kind, everyMs, place, instance?.tags]);
    const known = this.#checks.get(id);
    if (known?.about === facts) return known.subject;
    const subject: Subject = {
      id,
      name,
      instanceId,
      place: place ?? null,
      facts: {
        subject: id,
        instanceId,
        tags: [...new Set([...tags, ...(instance?.tags ?? [])])],
        provider: instance?.cloud?.kind ?? null,
        region: instance?.cloud?.region ?? instance?.region ?? null,
      },
      everyMs,
      firstSeenAt: 0,
      checkKind: kind,
    };
    this.#checks.set(id, { about: facts, subject });
    return subject;
  }

  /** A check that has been heard of. */
  knownCheck(id: string): Subject | undefined {
    return this.#checks.get(id)?.subject;
  }

  forgetCheck(id: string): void {
    this.#checks.delete(id);
  }
}

function instanceSubject(row: InstanceRow): Subject {
  const { id, name, tags, cloud, cloudKind, region, intervalMs, firstSeenAt } = row;
  return {
    id,
    name,
    instanceId: id,
    place: placeOf(row),
    facts: { subject: id, instanceId: id, tags, provider: cloud?.kind ?? cloudKind, region: cloud?.region ?? region },
    everyMs: intervalMs > 0 ? intervalMs : INTERVAL_DEFAULT_MS,
    firstSeenAt,
    checkKind: null,
  };
}

/** Where it stands, in words: `Vultr ewr`. */
function placeOf({ cloud, cloudKind, region }: Pick<InstanceRow, "cloud" | "cloudKind" | "region">): string | null {
  const kind = cloud?.kind ?? cloudKind;
  const where = cloud?.region ?? region;
  if (!where) return null;
  return kind ? `${PROVIDERS[kind]} ${where}` : where;
}
