/** A choice of this reader that outlives the page. Where storage is forbidden it lives as long as the page does. */
export class Persisted<Value extends string> {
  #key: string;
  #current = $state() as Value;

  constructor(key: string, allowed: readonly Value[], initial: Value) {
    this.#key = `nephos.${key}`;
    const stored = read(this.#key);
    this.#current = allowed.find((value) => value === stored) ?? initial;
  }

  get current(): Value {
    return this.#current;
  }

  set current(value: Value) {
    this.#current = value;
    try {
      localStorage.setItem(this.#key, value);
    } catch {
      // Nothing is lost but the memory of a choice.
    }
  }
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
