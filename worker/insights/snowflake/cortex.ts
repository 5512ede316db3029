import { z } from "zod";
import type { EpochMs } from "../../../contract/units.ts";
import { textBinding } from "../../snowflake/binding.ts";
import type { SnowflakeClient } from "../../snowflake/client.ts";
import { SnowflakeProblem } from "../../snowflake/problem.ts";
import { problemOf } from "../../snowflake/refusal.ts";
import { cortexRefused, modelMissing, notUnderstood } from "../../snowflake/refusal-words.ts";
import { refusalOf, type Answer } from "../../snowflake/request.ts";
import type { Prompt } from "./prompt.ts";

/** What a model said, and what it is billed by. */
export interface Completion {
  text: string;
  inputTokens: number;
  outputTokens: number;
}

/** REST needs no warehouse; SQL is for accounts whose REST interface is not there. */
export type CortexWay = "rest" | "sql";

/** Cortex over REST is not to be had in this account. */
export class NoCortexRest extends Error {}

/** Asks a model once. Throws a `SnowflakeProblem`, or {@link NoCortexRest}. */
export async function complete(
  client: SnowflakeClient,
  way: CortexWay,
  model: string,
  prompt: Prompt,
  deadline: EpochMs,
): Promise<Completion> {
  try {
    return await (way === "rest" ? byRest : bySql)(client, model, prompt, deadline);
  } catch (error) {
    throw error instanceof SnowflakeProblem && error.code === "model_missing" ? modelMissing(model) : error;
  }
}

const PATH = "/api/v2/cortex/inference:complete";

/** Cortex REST API, `inference:complete`, with structured output (SF user-guide/snowflake-cortex/cortex-rest-api). */
async function byRest(client: SnowflakeClient, model: string, prompt: Prompt, deadline: EpochMs): Promise<Completion> {
  const answer = await client.rest("POST", PATH, {
    deadline,
    body: {
      model,
      messages: [
        { role: "system", content: prompt.system },
        { role: "user", content: prompt.user },
      ],
      // Those of OpenAI that reason take no temperature.
      ...(!model.startsWith("openai-") && { temperature: 0 }),
      max_tokens: prompt.maxTokens,
      response_format: { type: "json", schema: prompt.schema },
      stream: false,
    },
  });
  if (answer.status === 404 || answer.status === 405) throw new NoCortexRest();
  if (answer.status !== 200) throw restProblem(client, answer);
  const { data } = restSchema.safeParse(answer.json === undefined ? gathered(answer.text) : answer.json);
  const [choice] = data?.choices ?? [];
  if (!data || !choice) throw notUnderstood(answer.status);
  const { content, content_list: list } = choice.message;
  const text = content || (list.find(({ text: part }) => part !== "")?.text ?? "");
  return counted(text, data.usage, prompt);
}

function restProblem(client: SnowflakeClient, answer: Answer): SnowflakeProblem {
  const said = refusalOf(answer);
  const problem = problemOf(client.access, said);
  const isRight = answer.status === 403 && problem.code !== "network_refused";
  return isRight ? cortexRefused(client.access) : problem;
}

const usage = z
  .object({ prompt_tokens: z.number().nonnegative(), completion_tokens: z.number().nonnegative() })
  .nullish()
  .catch(null);
const textPart = z.object({ text: z.string().catch("") });
const restSchema = z.object({
  choices: z.array(
    z.object({
      message: z.object({ content: z.string().catch(""), content_list: z.array(textPart).catch([]) }),
    }),
  ),
  usage,
});

const eventSchema = z.object({
  choices: z.array(z.object({ delta: z.object({ content: z.string().catch("") }).catch({ content: "" }) })).catch([]),
  usage: z.unknown(),
});

/** The reference knows the answer as server-sent events only: pieces are put together where it comes so although it was not asked for. */
export function gathered(text: string): unknown {
  let content = "";
  let used: unknown = null;
  for (const line of text.split("\n")) {
    if (!line.startsWith("data:")) continue;
    const { data } = eventSchema.safeParse(jsonIn(line.slice(5)));
    content += data?.choices[0]?.delta.content ?? "";
    used = data?.usage ?? used;
  }
  return content === "" ? undefined : { choices: [{ message: { content } }], usage: used };
}

/** With details, so that the tokens are told. The schema is a constant of ours; what the model reads is bound. */
function statementFor({ schema, maxTokens }: Prompt): string {
  return `SELECT AI_COMPLETE(
  model => ?,
  prompt => ?,
  model_parameters => {'max_tokens': ${maxTokens}},
  response_format => ${objectConstant({ type: "json", schema })},
  show_details => TRUE
)`;
}

/** Snowflake's object constants are JSON with single quotes. */
export function objectConstant(value: unknown): string {
  const json = JSON.stringify(value);
  if (!/^[\w\s{}[\]":,.-]*$/.test(json)) throw new Error("Only plain words may be written into a statement.");
  return json.replaceAll('"', "'");
}

const sqlSchema = z.object({ choices: z.array(z.object({ messages: z.unknown() })).min(1), usage });

async function bySql(client: SnowflakeClient, model: string, prompt: Prompt, deadline: EpochMs): Promise<Completion> {
  const bindings = [textBinding(model), textBinding(`${prompt.system}\n\n${prompt.user}`)];
  const { rows } = await client.run(statementFor(prompt), bindings, { deadline, tag: "words" });
  const cell = rows[0]?.[0];
  const { data } = sqlSchema.safeParse(typeof cell === "string" ? jsonIn(cell) : cell);
  if (!data) throw notUnderstood(200);
  const said = data.choices[0]!.messages;
  return counted(typeof said === "string" ? said : JSON.stringify(said), data.usage, prompt);
}

/** Where the tokens are not told they are reckoned, so that the budget holds. */
function counted(text: string, told: z.output<typeof usage>, { system, user }: Prompt): Completion {
  return {
    text,
    inputTokens: told?.prompt_tokens ?? tokensIn(system + user),
    outputTokens: told?.completion_tokens ?? tokensIn(text),
  };
}

/** About as many as there are, for English and JSON. */
export function tokensIn(text: string): number {
  return Math.ceil(new TextEncoder().encode(text).byteLength / 4);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
