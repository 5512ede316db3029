import type { Preview } from "../../contract/rules.ts";
import { api } from "../auth/api.ts";
import { database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { calling } from "../live/shard-client.ts";
import { sentinel } from "../sentinel-client.ts";
import { refuseUnsent } from "./rule-fit.ts";

/** What a rule would have done, before it does it. The sentinel goes through the history: a request has 10 ms of CPU on Free. */
export const previewRoutes = api({
  "POST /api/rule-previews": async (c, { body }): Promise<Preview> => {
    await refuseUnsent(database(c.env.DB), body.condition);
    const { person, via } = c.var.principal;
    const by = via.kind === "browser" ? via.session.id : via.token.id;
    const asked = { rule: body, tags: person.tags };
    const answer = await calling(async () => sentinel(c.env).preview(asked, by));
    if (!answer.ok) throw NephosError.of(answer.refusal);
    return answer.preview;
  },
});
