import { createContext } from "svelte";
import { Persisted } from "./persisted.svelte.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type ThemeChoice = (typeof THEMES)[number];

/** Light, dark or the system's. `static/theme.js` makes the same decision before the first paint. */
export class Theme {
  #choice = new Persisted<ThemeChoice>("theme", THEMES, "system");
  #systemIsDark = $state(matchMedia("(prefers-color-scheme: dark)").matches);

  resolved: "light" | "dark" = $derived(
    this.#choice.current === "system" ? (this.#systemIsDark ? "dark" : "light") : this.#choice.current,
  );

  get choice(): ThemeChoice {
    return this.#choice.current;
  }

  next(): void {
    this.#choice.current = THEMES[(THEMES.indexOf(this.#choice.current) + 1) % THEMES.length]!;
    this.#paint();
  }

  /** Follows the system; the returned function stops that. */
  start(): () => void {
    const system = matchMedia("(prefers-color-scheme: dark)");
    const follow = () => {
      this.#systemIsDark = system.matches;
      this.#paint();
    };
    system.addEventListener("change", follow);
    return () => system.removeEventListener("change", follow);
  }

  #paint(): void {
    document.documentElement.dataset["theme"] = this.resolved;
  }
}

export const [getTheme, setTheme] = createContext<Theme>();
