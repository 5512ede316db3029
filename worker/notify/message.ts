import type { NotificationKind } from "../../contract/notifications.ts";
import type { Severity } from "../../contract/rule-kinds.ts";
import type { EpochMs } from "../../contract/units.ts";

/** What is told, in words (`compose.ts`): a channel only lays it out. */
export interface Message {
  /** The same whenever the same thing is told again: a receiver can tell a repetition. */
  id: string;
  kind: NotificationKind | "test";
  severity: Severity;
  /** It is over. */
  isResolved: boolean;
  /** The incident, for providers that keep their own and resolve it by name; null for a digest, a test. */
  incidentId: string | null;
  /** What, where, how bad, since when, in one line of at most 150 characters. */
  subject: string;
  /** One or two sentences. */
  summary: string;
  /** Label and value, in order: value against threshold, since when, which. */
  facts: readonly (readonly [label: string, value: string])[];
  /** What to look at. */
  advice: string | null;
  /** The page that shows it. */
  url: string;
  at: EpochMs;
  /** The whole, as plain text and as HTML. */
  text: string;
  html: string;
}
