import { columnsIn, rowsInSight, type RowWindow } from "./window-of-rows.ts";

interface Shape {
  rowHeight: number;
  /** The least width of one column; a list without columns leaves it out. */
  columnWidthMin?: number;
  gap?: number;
  /** What covers the top of the viewport, such as a heading that stays. */
  coveredTop?: number;
}

/** Where a long list stands in the window: it measures once per frame at most and says which rows are in sight. */
export class ListPlace {
  readonly rowHeight: number;
  columns = $state(1);
  #shape: Shape;
  #scrolled = $state(0);
  #viewport = $state(window.innerHeight);
  #node: HTMLElement | null = null;

  constructor(shape: Shape) {
    this.#shape = shape;
    this.rowHeight = shape.rowHeight;
  }

  /** Moves in steps of whole rows, so that scrolling by a pixel recomputes nothing. */
  #step = $derived.by(() => Math.floor(this.#scrolled / this.rowHeight) * this.rowHeight);

  inSight(count: number): RowWindow {
    return rowsInSight(this.#step, this.#viewport + this.rowHeight, this.rowHeight, count);
  }

  attach = (node: HTMLElement): (() => void) => {
    this.#node = node;
    let frame = 0;
    const measure = () => {
      frame = 0;
      const box = node.getBoundingClientRect();
      this.#scrolled = -box.top;
      this.#viewport = window.innerHeight;
      const { columnWidthMin, gap = 0 } = this.#shape;
      if (columnWidthMin !== undefined) this.columns = columnsIn(box.width, columnWidthMin, gap);
    };
    const soon = () => (frame ||= requestAnimationFrame(measure));
    measure();
    const resized = new ResizeObserver(soon);
    resized.observe(node);
    addEventListener("scroll", soon, { passive: true });
    addEventListener("resize", soon);
    return () => {
      cancelAnimationFrame(frame);
      resized.disconnect();
      removeEventListener("scroll", soon);
      removeEventListener("resize", soon);
    };
  };

  /** Scrolls just far enough that the item can be seen. */
  reveal(index: number): void {
    if (!this.#node) return;
    const above = this.#shape.coveredTop ?? 0;
    const top = this.#node.getBoundingClientRect().top + Math.floor(index / this.columns) * this.rowHeight;
    const past = top + this.rowHeight + 12 - window.innerHeight;
    if (top < above + 12) window.scrollBy(0, top - above - 12);
    else if (past > 0) window.scrollBy(0, past);
  }
}
