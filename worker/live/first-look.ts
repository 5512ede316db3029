import type { ApiContext } from "../auth/api.ts";
import { countChecks } from "../checks/store.ts";
import type { Database } from "../db/client.ts";
import { NephosError } from "../errors.ts";
import { isPublic } from "../public-host.ts";
import { sentinel } from "../sentinel-client.ts";
import { CHECKS_MAX } from "../settings.ts";
import { calling } from "./shard-client.ts";

/** A round of these checks now; whoever asked does not wait for it, and what it does not reach the next tick does. */
export async function lookAt(c: ApiContext, checkIds: string[]): Promise<void> {
  const url = new URL(c.req.url);
  const hostname = isPublic(url) ? url.hostname : null;
  await calling(async () => sentinel(c.env).look(checkIds, hostname)).catch(() => {});
}

export async function refuseTooMany(db: Database): Promise<void> {
  if ((await countChecks(db)) < CHECKS_MAX) return;
  throw new NephosError("too_many_kept", `There can be at most ${CHECKS_MAX.toLocaleString("en")} checks.`, {
    remedy: "Delete those that are not needed any more.",
  });
}
