import type { Answer } from "../../../../contract/ask.ts";
import { QUESTION_LENGTH_MAX } from "../../../../contract/insight-kinds.ts";
import { ApiError, call } from "../api.ts";
import { type Problem, problemOf } from "../problem.ts";

/** What anybody may want to know first. */
export const FIRST_QUESTIONS = [
  "Is anything wrong?",
  "What will run out within 30 days?",
  "What is unusual today?",
  "Who uses the most memory?",
  "What is idle?",
  "What happened last night?",
] as const;

export interface Asked {
  number: number;
  question: string;
  /** Null while it is under way, and where it could not be answered. */
  answer: Answer | null;
  problem: Problem | null;
}

/** The questions of this visit and their answers, the newest first. */
export class Questions {
  list = $state.raw<Asked[]>([]);
  isBusy = $state(false);
  #last = 0;
  #under: AbortController | null = null;

  /** What could be asked next: by the last answer, or at first by what is usual. */
  suggestions: readonly string[] = $derived.by(() => {
    const told = this.list.find(({ answer }) => answer !== null)?.answer?.suggestions ?? [];
    const asked = new Set(this.list.map(({ question }) => question.toLowerCase()));
    return (told.length > 0 ? told : FIRST_QUESTIONS).filter((text) => !asked.has(text.toLowerCase()));
  });

  /** Asks; another question under way is given up for it. */
  async ask(given: string): Promise<void> {
    const question = given.trim().slice(0, QUESTION_LENGTH_MAX);
    if (question.length < 2) return;
    this.#under?.abort();
    const under = (this.#under = new AbortController());
    const number = (this.#last += 1);
    this.list = [{ number, question, answer: null, problem: null }, ...this.list.filter(isDone)];
    this.isBusy = true;
    try {
      const answer = await call("POST /api/insights/ask", { body: { question }, signal: under.signal });
      this.#became(number, { answer });
    } catch (error) {
      if (under.signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      this.#became(number, { problem: problemOf(error) });
    } finally {
      if (this.#under === under) this.isBusy = false;
    }
  }

  /** Puts one away. */
  forget(number: number): void {
    this.list = this.list.filter((asked) => asked.number !== number);
  }

  #became(number: number, change: Partial<Asked>): void {
    this.list = this.list.map((asked) => (asked.number === number ? { ...asked, ...change } : asked));
  }
}

const ofVisits = new WeakMap<object, Questions>();

/** Those of a visit: whoever looks elsewhere and comes back finds them again. */
export function questionsOf(visit: object): Questions {
  let questions = ofVisits.get(visit);
  if (!questions) ofVisits.set(visit, (questions = new Questions()));
  return questions;
}

function isDone({ answer, problem }: Asked): boolean {
  return answer !== null || problem !== null;
}
