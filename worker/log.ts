/** What Nephos says to its operator: one line of JSON per event, never one per sample, never a secret. */
type LogEvent =
  | { event: "request_failed"; method: string; path: string; message: string; stack?: string }
  | { event: "commit_failed"; rows: number; message: string }
  | { event: "samples_not_taken"; message: string }
  | { event: "flush_failed"; instances: number; message: string }
  | { event: "roll_failed"; message: string }
  | { event: "block_unreadable"; instanceId: string; bucket: number; message: string }
  | { event: "block_thinned"; instanceId: string; bucket: number; samples: number; kept: number }
  | { event: "thrift"; stage: string; because: string | null }
  | { event: "secret_unreadable"; what: string; message: string }
  | { event: "viewer_message_refused"; message: string }
  | { event: "prober_failed"; region: string; message: string }
  | { event: "tick"; durationMs: number; steps: number; failed: number }
  | { event: "tick_overlapped" }
  | { event: "alerting_failed"; what: string; message: string }
  | { event: "sentinel_failed"; message: string }
  | { event: "look_failed"; instances: number; message: string }
  | { event: "learned"; findings: number }
  | { event: "learning_failed"; message: string }
  | { event: "tick_step_failed"; step: string; message: string };

export function log(entry: LogEvent): void {
  console.log(masked(JSON.stringify(entry)));
}

/** Tokens of ours, by their prefix, and whatever calls itself a bearer: an error's words may quote what was sent. */
const SECRETS = /\b(ne[pea]_)[A-Za-z0-9_-]{8,}|(\bBearer\s+)\S+/gi;

export function masked(text: string): string {
  return text.replace(SECRETS, (_all, prefix: string | undefined, bearer: string | undefined) => {
    return `${prefix ?? bearer ?? ""}****`;
  });
}

/** The database layer puts what was bound into its message, hashes and names included: the cause says what went wrong. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message.startsWith("Failed query:") && error.cause ? messageOf(error.cause) : error.message;
}

/** Where it happened, without the message, which the stack begins with. */
export function stackOf(error: Error): string {
  return (error.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .join("\n");
}
