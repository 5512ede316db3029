import type { IncidentCounts } from "../../../../contract/incidents.ts";

/** The title of the tab, with how many wait before it. Pages set their own titles and know nothing of that. */
export class TitleMark {
  #own = "";
  #shown = "";

  /** The title that the tab is to have; `current` is what it has, set by a page or by this. */
  show(current: string, count: number): string {
    if (current !== this.#shown) this.#own = current;
    this.#shown = count > 0 ? `(${count.toLocaleString("en")}) ${this.#own}` : this.#own;
    return this.#shown;
  }
}

export function faviconOf(criticals: number): "/favicon-critical.svg" | "/favicon.svg" {
  return criticals > 0 ? "/favicon-critical.svg" : "/favicon.svg";
}

/** Those that call for somebody, for whoever listens: `2 critical, 1 warning`; empty where none does. */
export function callingInWords({ critical, warning }: Pick<IncidentCounts, "critical" | "warning">): string {
  return [critical > 0 && `${critical} critical`, warning > 0 && `${warning} warning`].filter(Boolean).join(", ");
}

/** As it fits on a small mark. */
export function badgeText(count: number): string {
  return count > 99 ? "99+" : String(count);
}
