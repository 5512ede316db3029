import { randomUUID } from "node:crypto";
import { isTree, type Tree } from "./tree.ts";
import type { ScriptedAnswer, SnowflakeTold } from "./told.ts";

export const MODELS = [
  "claude-haiku-4-5",
  "claude-sonnet-4-6",
  "llama3.3-70b",
  "llama3.1-8b",
  "openai-gpt-5-nano",
  "mistral-7b",
];
const CHARACTERS_PER_TOKEN = 4;

export interface Completion {
  model: string;
  text: string;
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
}

/** Who asks a model for something it cannot do. */
export class NoSuchModel extends Error {}

/** Stands where language models stand: says what the test wrote down, or what fits the schema, and counts. */
export class Cortex {
  models: string[] = MODELS;
  script: ScriptedAnswer[] = [];
  /** For tests in the same process: what it says to a prompt; undefined leaves it to the script. */
  answer: ((prompt: string, schema: unknown) => unknown) | null = null;
  readonly completions: SnowflakeTold["completions"] = [];

  /** @throws {NoSuchModel} */
  complete(by: "sql" | "rest", model: string, prompt: string, schema: unknown, maxTokens = 4_096): Completion {
    if (!this.models.includes(model)) throw new NoSuchModel(`unknown model ${model}`);
    const scripted = this.answer?.(prompt, schema) ?? this.script.find(({ when }) => prompt.includes(when))?.says;
    const said = scripted ?? (schema === undefined ? "All is well." : fitting(schema));
    const whole = typeof said === "string" ? said : JSON.stringify(said);
    const text = whole.slice(0, maxTokens * CHARACTERS_PER_TOKEN);
    const [promptTokens, completionTokens] = [prompt, text].map(tokensOf) as [number, number];
    this.completions.push({ model, by, prompt, said: text, promptTokens, completionTokens });
    const usage = {
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
    };
    return { model, text, usage };
  }

  /** `AI_COMPLETE`, `AI_COUNT_TOKENS` and the older `COMPLETE`, with their arguments by name as JSON. */
  inSql(name: string, args: string, now: number): string {
    const { MODEL, PROMPT, MODEL_PARAMETERS, OPTIONS, RESPONSE_FORMAT, SHOW_DETAILS } = JSON.parse(args) as Tree;
    const prompt = typeof PROMPT === "string" ? PROMPT : JSON.stringify(PROMPT);
    if (name === "AI_COUNT_TOKENS") return String(tokensOf(prompt));
    const settings = (MODEL_PARAMETERS ?? OPTIONS ?? {}) as { max_tokens?: number; response_format?: Tree };
    const format = (RESPONSE_FORMAT ?? settings.response_format) as Tree | undefined;
    try {
      const done = this.complete("sql", String(MODEL), prompt, format?.["schema"], settings.max_tokens);
      const isOlder = name !== "AI_COMPLETE";
      if (isOlder ? OPTIONS === undefined : SHOW_DETAILS !== true) return done.text;
      const created = Math.floor(now / 1_000);
      const usage = { ...done.usage, guardrail_tokens: 0 };
      const said =
        isOlder && format
          ? { structured_output: [{ raw_message: JSON.parse(done.text) as unknown, type: "json" }] }
          : { choices: [{ messages: done.text }] };
      return JSON.stringify({ ...said, created, model: done.model, usage });
    } catch (error) {
      if (!(error instanceof NoSuchModel)) throw error;
      throw new Error(
        `Request failed for external function ${name} with remote service error: 400 '"${error.message}"'`,
      );
    }
  }
}

export function tokensOf(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}

/** The least that a JSON schema allows. */
export function fitting(schema: unknown): unknown {
  if (!isTree(schema)) return "";
  if (Array.isArray(schema["enum"])) return schema["enum"][0];
  if (schema["const"] !== undefined) return schema["const"];
  const [type] = [schema["type"]].flat();
  if (type === "object" || isTree(schema["properties"])) {
    const properties = (schema["properties"] ?? {}) as Tree;
    return Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, fitting(inner)]));
  }
  if (type === "array") return Array.from({ length: Number(schema["minItems"] ?? 0) }, () => fitting(schema["items"]));
  if (type === "number" || type === "integer") return schema["minimum"] ?? 0;
  if (type === "boolean") return false;
  return type === "null" ? null : "All is well.";
}

/** What `inference:complete` answers in one piece. */
export function inOnePiece({ text, usage, model }: Completion): object {
  const message = { content: text, content_list: [{ type: "text", text }] };
  return {
    id: randomUUID(),
    model,
    choices: [{ message, finish_reason: "stop" }],
    usage: { ...usage, guard_tokens: 0, guardrail_tokens: 0 },
  };
}

/** The same as server-sent events, word by word; the last carries what it used. */
export function inPieces({ text, usage, model }: Completion): string {
  const id = randomUUID();
  const words = text.match(/\S+\s*|\s+/g) ?? [];
  const events = words.map((content, index) => ({
    id,
    model,
    choices: [{ delta: { type: "text", content, content_list: [{ type: "text", text: content }], text: content } }],
    usage: index === words.length - 1 ? { ...usage, guard_tokens: 0 } : {},
  }));
  return events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
}
