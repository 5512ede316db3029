import { isWithin, type Problem, problemOf } from "./problem.ts";

/** Something a form or a button asks of the server: whether it is under way, and why it did not work. */
export class Attempt {
  isBusy = $state(false);
  problem = $state.raw<Problem | null>(null);

  /** True where it worked. Asked again while it is under way, it does nothing. */
  async run(work: () => Promise<unknown>): Promise<boolean> {
    if (this.isBusy) return false;
    this.isBusy = true;
    this.problem = null;
    try {
      await work();
      return true;
    } catch (error) {
      this.problem = problemOf(error);
      return false;
    } finally {
      this.isBusy = false;
    }
  }

  /** Refuses by itself, before the server is asked. */
  refuse(text: string, field?: string): void {
    this.problem = { field, text };
  }

  clear(): void {
    this.problem = null;
  }

  /** What is wrong with this field, or within it. */
  at(field: string): string | undefined {
    const { problem } = this;
    return problem?.field !== undefined && isWithin(problem.field, field) ? problem.text : undefined;
  }

  /** What is wrong, and is not said at one of these fields. */
  besides(...fields: string[]): string | undefined {
    const told = fields.some((field) => this.at(field) !== undefined);
    return told ? undefined : this.problem?.text;
  }
}
