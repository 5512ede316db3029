import type { Answer } from "../../contract/ask.ts";
import type { Summary, Worded } from "../../contract/insights.ts";
import type { ApiContext } from "../auth/api.ts";
import { NephosError } from "../errors.ts";
import { calling } from "../live/shard-client.ts";
import { sentinel } from "../sentinel-client.ts";
import type { Said } from "../sentinel/sentinel.ts";

/** What takes more CPU than a request has on Free: the sentinel thinks, a request asks it. */

export async function summaryFor(c: ApiContext): Promise<Summary> {
  return answered(await calling(async () => sentinel(c.env).summary(c.var.principal.person.tags)));
}

/** Answers how many machines the next ticks look into. */
export async function refreshInsights(c: ApiContext): Promise<number> {
  return calling(async () => sentinel(c.env).lookAgain(c.var.principal.person.tags));
}

export async function answerFor(c: ApiContext, question: string): Promise<Answer> {
  return answered(await calling(async () => sentinel(c.env).ask(question, c.var.principal.person.tags)));
}

export async function explanationFor(c: ApiContext, incidentId: string): Promise<Worded> {
  return answered(await calling(async () => sentinel(c.env).explain(incidentId, c.var.principal.person.tags)));
}

function answered<Result>(said: Said<Result>): Result {
  if (!said.ok) throw NephosError.of(said.refusal);
  return said.result;
}
