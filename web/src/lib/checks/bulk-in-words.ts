import type { BulkAction } from "./check-list.svelte.ts";

export const BULK_LABELS: Record<BulkAction, string> = {
  pause: "Pause",
  resume: "Resume",
  checkNow: "Check now",
  delete: "Delete",
};

/** What was done, said once it was: `12 checks were paused.` */
export function doneInWords(action: BulkAction, checks: number): string {
  const many = checks === 1 ? "1 check" : `${checks.toLocaleString("en")} checks`;
  const were = checks === 1 ? "was" : "were";
  switch (action) {
    case "pause":
      return `${many} ${were} paused.`;
    case "resume":
      return `${many} ${were} resumed.`;
    case "checkNow":
      return `Looking at ${many} now.`;
    case "delete":
      return `${many} ${were} deleted.`;
  }
}
