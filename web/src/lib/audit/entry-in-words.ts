import type { AuditEntry } from "../../../../contract/audit.ts";

/** What was not let happen, and what should not have. */
export function isAlarming({ action, reason }: Pick<AuditEntry, "action" | "reason">): boolean {
  return reason !== null || action.endsWith(".refused") || action === "agent.cloned";
}

/** By whom, where nobody was let in. */
export function actorInWords({ actor, action }: Pick<AuditEntry, "actor" | "action">): string {
  return actor ?? (action.endsWith(".refused") ? "somebody" : "Nephos");
}
