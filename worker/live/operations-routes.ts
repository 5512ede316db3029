import { recordDone } from "../audit/record.ts";
import { api } from "../auth/api.ts";
import { actorOf } from "../auth/gate.ts";
import { database } from "../db/client.ts";
import type { Retention } from "../../contract/operations.ts";
import { sentinel } from "../sentinel-client.ts";
import { changeRetention, readRetention } from "../series/ring-store.ts";
import { calling, shard } from "./shard-client.ts";

/** What this Nephos costs, and how long it keeps its history. */
export const operationsRoutes = api({
  "GET /api/operations": async (c) => {
    const [operations, steps] = await Promise.all([
      calling(async () => shard(c.env).operations()),
      calling(async () => sentinel(c.env).steps()),
    ]);
    return { ...operations, steps };
  },

  "PUT /api/operations/retention": async (c, { body }) => {
    const db = database(c.env.DB);
    const before = await readRetention(db);
    const now = Date.now();
    await changeRetention(db, body, now);
    const done = { action: "retention.changed", before: inWords(before), after: inWords(body) } as const;
    await recordDone(db, actorOf(c, c.var.principal), done, now);
  },
});

const inWords = ({ rawDays, fiveMinutesDays, hourDays }: Retention) =>
  `raw ${rawDays} days; 5 minutes ${fiveMinutesDays} days; 1 hour ${hourDays} days`;
