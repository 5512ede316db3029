/** What Nephos says to its operator: one line of JSON per event, never one per sample, never a secret. */
type LogEvent =
  | { event: "request_failed"; method: string; path: string; message: string; stack?: string }
  | { event: "commit_failed"; rows: number; message: string }
  | { event: "pack_failed"; message: string }
  | { event: "secret_unreadable"; what: string; message: string }
  | { event: "viewer_message_refused"; message: string }
  | { event: "tick"; durationMs: number; blocksDeleted: number }
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

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
