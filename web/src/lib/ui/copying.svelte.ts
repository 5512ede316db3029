/** How long it is said that something was copied. */
const SAID_MS = 2_000;

/** A text on its way to the clipboard. */
export class Copying {
  isDone = $state(false);

  /** Without the clipboard (no HTTPS, no permission) what `shown` holds is selected: one key press from being copied. */
  async copy(text: string, shown: HTMLElement): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      this.isDone = true;
      setTimeout(() => (this.isDone = false), SAID_MS);
    } catch {
      getSelection()?.selectAllChildren(shown);
    }
  }
}
