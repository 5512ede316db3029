import type { DurationMs, EpochMs } from "../../../../contract/units.ts";

/** A second key belongs to the first while this lasts. */
const SEQUENCE_MS: DurationMs = 1_000;

export type Actions = Record<string, () => void>;

interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/** Single keys and two-key sequences (`g f`), as pages register them; the page opened last wins. */
export class Shortcuts {
  #layers: Actions[] = [];
  #pending: { key: string; at: EpochMs } | null = null;

  /** Adds a layer of actions; the returned function takes it away. */
  add(actions: Actions): () => void {
    this.#layers.push(actions);
    return () => {
      this.#layers = this.#layers.filter((layer) => layer !== actions);
    };
  }

  /** Adds a layer below all others: whatever a page makes of a key comes first, whichever of the two was there earlier. */
  addBelow(actions: Actions): () => void {
    this.#layers.unshift(actions);
    return () => {
      this.#layers = this.#layers.filter((layer) => layer !== actions);
    };
  }

  /** The action a key press asks for, if any. */
  press({ key, ctrlKey, metaKey, altKey }: KeyPress, now: EpochMs): (() => void) | undefined {
    if (ctrlKey || metaKey || altKey) return undefined;
    const before = this.#pending;
    this.#pending = null;
    if (before && now - before.at <= SEQUENCE_MS) {
      const action = this.#actionOf(`${before.key} ${key}`);
      if (action) return action;
    }
    if (this.#beginsSequence(key)) this.#pending = { key, at: now };
    return this.#actionOf(key);
  }

  #actionOf(keys: string): (() => void) | undefined {
    return this.#layers.findLast((layer) => Object.hasOwn(layer, keys))?.[keys];
  }

  #beginsSequence(key: string): boolean {
    return this.#layers.some((layer) => Object.keys(layer).some((keys) => keys.startsWith(`${key} `)));
  }
}

/** A key typed into a field, or meant for an open dialog or menu, is no shortcut. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.closest("input, textarea, select, [role=dialog], [role=tablist]") !== null;
}
