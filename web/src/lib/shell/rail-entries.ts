import { isAtLeast, type Role } from "../../../../contract/roles.ts";

export interface RailEntry {
  href:
    | "/"
    | "/alerts"
    | "/insights"
    | "/checks"
    | "/providers"
    | "/compare"
    | "/add"
    | "/people"
    | "/audit"
    | "/operations";
  label: string;
  keys: string;
  /** Who is shown it. */
  role: Role;
  /** On a phone it is behind "More". */
  isWide?: true;
}

/** The rooms of the dashboard, as the rail shows them from top to bottom. One's own account stands apart, at its end. */
export const RAIL_ENTRIES = [
  { href: "/", label: "Fleet", keys: "g f", role: "viewer" },
  { href: "/alerts", label: "Alerts", keys: "g i", role: "viewer" },
  { href: "/insights", label: "Insights", keys: "g n", role: "viewer" },
  { href: "/checks", label: "Checks", keys: "g k", role: "viewer" },
  { href: "/providers", label: "Providers", keys: "g v", role: "viewer", isWide: true },
  { href: "/compare", label: "Compare", keys: "g c", role: "viewer", isWide: true },
  { href: "/add", label: "Add instance", keys: "a", role: "admin" },
  { href: "/people", label: "People", keys: "g p", role: "admin", isWide: true },
  { href: "/audit", label: "Audit", keys: "g l", role: "admin", isWide: true },
  { href: "/operations", label: "Operations", keys: "g o", role: "admin", isWide: true },
] as const satisfies RailEntry[];

/** What this role may enter. Before the role is known, only what everybody may. */
export function railEntriesOf(role: Role | null): RailEntry[] {
  return RAIL_ENTRIES.filter((entry) => isAtLeast(role ?? "viewer", entry.role));
}

/** One or two letters to stand for a person: `AL` for Ada Lovelace. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s@._-]+/).filter((word) => /^\p{L}|^\p{N}/u.test(word));
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters
    .map((word) => [...(word ?? "")][0] ?? "")
    .join("")
    .toLocaleUpperCase("en");
}
