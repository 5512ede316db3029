/** What Nephos says to its operator: one line of JSON per event, never one per sample, never a secret. */
type LogEvent =
  | { event: "request_failed"; method: string; path: string; message: string; stack?: string }
  | { event: "commit_failed"; rows: number; message: string }
  | { event: "pack_failed"; message: string }
  | { event: "viewer_message_refused"; message: string }
  | { event: "tick"; durationMs: number; blocksDeleted: number }
  | { event: "tick_step_failed"; step: string; message: string };

export function log(entry: LogEvent): void {
  console.log(JSON.stringify(entry));
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
