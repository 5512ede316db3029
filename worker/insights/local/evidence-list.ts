import type { Evidence } from "../../../contract/insights.ts";
import { EVIDENCE_MAX } from "../../../contract/insight-kinds.ts";
import type { Machine } from "../engine.ts";

/** What is known of a row beside its words. */
export interface Said {
  machine?: Pick<Machine, "id" | "name">;
  metric?: string;
  /** In the metric's base unit. */
  value?: number;
  from?: number;
  to?: number;
}

/** The rows that a finding is said by, as they are gathered: numbered, and no more than a finding may have. */
export class EvidenceList {
  readonly rows: Evidence[] = [];

  /** Its id. Where there is no room for another row, the last one's: whoever lists many things has said before how many they are. */
  add(words: string, { machine, metric, value, from, to }: Said = {}): string {
    if (this.rows.length >= EVIDENCE_MAX) return this.rows.at(-1)!.id;
    const id = `e${this.rows.length + 1}`;
    this.rows.push({
      id,
      words,
      subject: machine?.id ?? null,
      name: machine?.name ?? null,
      metric: metric ?? null,
      value: finite(value),
      from: finite(from),
      to: finite(to),
      incidentId: null,
    });
    return id;
  }
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
