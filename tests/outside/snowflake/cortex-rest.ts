import { randomUUID } from "node:crypto";
import type { Account } from "./account.ts";
import { inOnePiece, inPieces, NoSuchModel, type Cortex } from "./cortex.ts";
import type { Runner } from "./runner.ts";
import { json, type Answer, type Asked } from "./wire.ts";

interface Body {
  model?: string;
  messages?: { role: string; content: string }[];
  stream?: boolean;
  max_tokens?: number;
  response_format?: { type: string; schema?: unknown };
}

function refusal(status: number, error_code: string, message: string): Answer {
  return json(status, { message, error_code, request_id: randomUUID() });
}

const NOT_ALLOWED = () => refusal(403, "003001", "Not authorized to use Cortex: the role lacks SNOWFLAKE.CORTEX_USER.");

/** Cortex over REST (`POST /api/v2/cortex/inference:complete` and the list of models): no warehouse, the user's default role. */
export class CortexRest {
  readonly #account: Account;
  readonly #runner: Runner;
  readonly #cortex: Cortex;

  constructor(account: Account, runner: Runner, cortex: Cortex) {
    this.#account = account;
    this.#runner = runner;
    this.#cortex = cortex;
  }

  /** `GET /api/v2/cortex/models`: names, or objects with names; public captures show both. */
  models(user: string, areObjects: boolean): Answer {
    if (!this.#mayAsk(user)) return NOT_ALLOWED();
    const { models } = this.#cortex;
    return json(200, { models: areObjects ? models.map((name) => ({ name })) : models });
  }

  #mayAsk(user: string): boolean {
    return this.#runner.mayCortex(this.#account.users.get(user)!.defaultRole ?? "PUBLIC");
  }

  complete(user: string, { bytes }: Asked): Answer {
    if (!this.#mayAsk(user)) return NOT_ALLOWED();
    let body: Body;
    try {
      body = JSON.parse(bytes.toString()) as Body;
    } catch {
      return refusal(400, "390142", "The body is not JSON");
    }
    const { model, messages, stream = true, max_tokens: maxTokens, response_format: format } = body;
    if (typeof model !== "string" || !Array.isArray(messages) || messages.length === 0) {
      return refusal(400, "390142", "model and messages are required");
    }
    if (format && (format.type !== "json" || format.schema === undefined)) {
      return refusal(400, "390142", "response_format must be of type json and carry a schema");
    }
    const prompt = messages.map(({ content }) => content).join("\n");
    try {
      const done = this.#cortex.complete("rest", model, prompt, format?.schema, maxTokens);
      if (!stream) return json(200, inOnePiece(done));
      return { status: 200, body: inPieces(done), headers: { "content-type": "text/event-stream" } };
    } catch (error) {
      if (!(error instanceof NoSuchModel)) throw error;
      return refusal(400, "399113", `${error.message}: not available in your region`);
    }
  }
}
