export interface Toast {
  id: number;
  tone: "good" | "bad";
  text: string;
  /** The page that tells more. */
  href?: string;
}

/** Long enough to read a line, short enough not to be in the way. */
const SHOWN_MS = 5_000;
/** And to follow it. */
const SHOWN_WITH_LINK_MS = 10_000;
const SHOWN_MAX = 3;

export class Toasts {
  list = $state.raw<Toast[]>([]);
  #lastId = 0;

  show(text: string, tone: Toast["tone"] = "good", href?: string): void {
    const id = (this.#lastId += 1);
    this.list = [...this.list, { id, tone, text, ...(href ? { href } : {}) }].slice(-SHOWN_MAX);
    setTimeout(() => this.dismiss(id), href ? SHOWN_WITH_LINK_MS : SHOWN_MS);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}
