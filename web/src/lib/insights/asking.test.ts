import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Answer } from "../../../../contract/ask.ts";
import { FIRST_QUESTIONS, Questions, questionsOf } from "./asking.svelte.ts";

const asked = vi.fn<typeof fetch>();
const answerTo = (question: string, suggestions: string[] = []): Answer => ({
  now: 0,
  question,
  plan: [],
  understoodAs: null,
  answer: { claims: [], actions: [], evidence: [], engine: "local", model: null, note: null, madeAt: 0 },
  charts: [],
  suggestions,
});

beforeEach(() => {
  asked.mockReset();
  vi.stubGlobal("fetch", asked);
});
afterEach(() => void vi.unstubAllGlobals());

test("answers of the visit are kept, the newest first", async () => {
  const questions = new Questions();
  for (const question of ["one?", "two?"]) {
    asked.mockImplementationOnce(async () => Response.json(answerTo(question)));
    await questions.ask(`  ${question} `);
  }
  expect(questions.list.map(({ answer }) => answer?.question)).toEqual(["two?", "one?"]);
  questions.forget(questions.list[0]!.number);
  expect(questions.list).toHaveLength(1);
});

test("what an answer suggests comes in place of what is usual, without what was asked already", async () => {
  const questions = new Questions();
  expect(questions.suggestions).toEqual(FIRST_QUESTIONS);
  asked.mockImplementationOnce(async () => Response.json(answerTo("one?", ["One?", "two?"])));
  await questions.ask("one?");
  expect(questions.suggestions).toEqual(["two?"]);
});

test("another question gives up the one under way", async () => {
  const questions = new Questions();
  asked.mockImplementationOnce(
    (_, init) =>
      new Promise((_, reject) => init!.signal!.addEventListener("abort", () => reject(new Error("given up")))),
  );
  const first = questions.ask("slow?");
  asked.mockImplementationOnce(async () => Response.json(answerTo("quick?")));
  await questions.ask("quick?");
  await first;
  expect(questions.list.map(({ question, problem }) => [question, problem])).toEqual([["quick?", null]]);
  expect(questions.isBusy).toBe(false);
});

test("a question that could not be answered says why", async () => {
  const questions = new Questions();
  asked.mockImplementationOnce(async () =>
    Response.json({ message: "Too many questions", remedy: "Wait." }, { status: 429 }),
  );
  await questions.ask("what?");
  expect(questions.list[0]).toMatchObject({ answer: null, problem: { text: "Too many questions. Wait." } });
});

test("whoever comes back to the page finds the questions of the visit again", () => {
  const [visit, another] = [{}, {}];
  expect(questionsOf(visit)).toBe(questionsOf(visit));
  expect(questionsOf(visit)).not.toBe(questionsOf(another));
});

test("nothing is asked by an empty line", async () => {
  await new Questions().ask(" ? ");
  expect(asked).not.toHaveBeenCalled();
});
