import type { Role } from "../../../../contract/roles.ts";

/** Domains as they are typed: separated by anything but themselves, an `@` before them forgiven. */
export function domainsIn(text: string): string[] {
  const words = text.toLowerCase().split(/[\s,;]+/);
  return [...new Set(words.map((word) => word.replace(/^@/, "")).filter(Boolean))];
}

/** Who may come in by a way without having been invited. */
export function joinInWords({
  joinRole,
  joinDomains,
}: {
  joinRole: Role | null;
  joinDomains: readonly string[];
}): string {
  if (joinRole === null || joinDomains.length === 0) return "Only people who were invited";
  return `Anybody of ${joinDomains.join(", ")} joins as ${joinRole}`;
}

/** An id for a provider, made of its name: it becomes part of an address. */
export function slugOf(name: string): string {
  return name
    .toLowerCase()
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 40);
}
