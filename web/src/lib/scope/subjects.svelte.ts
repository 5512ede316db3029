import { CHECK_ID_PREFIX } from "../../../../contract/limits.ts";
import { ApiError, call } from "../api.ts";
import type { App } from "../app.svelte.ts";
import { matches } from "../fleet/order.ts";

export interface Subject {
  id: string;
  name: string;
  /** What tells it apart from others of its name. */
  detail: string;
  isCheck: boolean;
}

/** As many as one looks through without scrolling. */
const FOUND_MAX = 8;
/** Checks whose names are asked for one by one; a scope that names more of them shows their ids. */
const NAMED_MAX = 20;

/** Instances and checks by their names: the fleet is known here, checks are asked for. */
export class Subjects {
  readonly #app: App;
  #checks = $state.raw<ReadonlyMap<string, string>>(new Map());
  #asked = new Set<string>();

  constructor(app: App) {
    this.#app = app;
  }

  /** The name of an instance or a check; its id until it is known. */
  nameOf = (id: string): string =>
    this.#app.fleet.entries.get(id)?.instance.name ?? this.#checks.get(id) ?? (isCheck(id) ? "a check" : id);

  /** Asks for the names of these checks that are not known yet. One that is gone keeps its id. */
  learn(ids: Iterable<string>): void {
    for (const id of ids) {
      if (!isCheck(id) || this.#checks.has(id) || this.#asked.has(id) || this.#asked.size >= NAMED_MAX) continue;
      this.#asked.add(id);
      void call("GET /api/checks/:id", { params: { id } })
        .then(({ check }) => this.#know([[id, check.name]]))
        .catch((error: unknown) => {
          if (!(error instanceof ApiError)) throw error;
          if (error.status === 404) this.#know([[id, id]]);
          else this.#asked.delete(id);
        });
    }
  }

  /** Instances of that name at once. */
  instancesLike(text: string): Subject[] {
    const found: Subject[] = [];
    for (const entry of this.#app.fleet.entries.values()) {
      if (!matches(entry, text)) continue;
      const { id, instance } = entry;
      found.push({ id, name: instance.name, detail: instance.region ?? "instance", isCheck: false });
      if (found.length >= FOUND_MAX) break;
    }
    return found;
  }

  /** Checks of that name or target. Throws an `ApiError`, or the signal's reason. */
  async checksLike(text: string, signal: AbortSignal): Promise<Subject[]> {
    const query = { text: encodeURIComponent(text.trim().slice(0, 100)), limit: String(FOUND_MAX) };
    const { checks } = await call("GET /api/checks", { query, signal });
    this.#know(checks.map(({ id, name }) => [id, name]));
    return checks.map(({ id, name }) => ({ id, name, detail: "check", isCheck: true }));
  }

  #know(names: readonly (readonly [id: string, name: string])[]): void {
    this.#checks = new Map([...this.#checks, ...names]);
  }
}

function isCheck(id: string): boolean {
  return id.startsWith(CHECK_ID_PREFIX);
}
