// The Worker, and a way to have its sentinel look into the fleet without the rest of a tick.
import worker, { Sentinel as Real } from "../worker/index.ts";
import { database } from "../worker/db/client.ts";
import { DETECTOR_VERSION } from "../worker/insights/local/anomaly/detector.ts";
import { listInstances } from "../worker/instances/store.ts";
import { lookIntoDue } from "../worker/sentinel/looking-into.ts";
import { Memory } from "../worker/sentinel/memory.ts";
import { StoredWatches } from "../worker/sentinel/watch-store.ts";
import { sentinel } from "../worker/sentinel-client.ts";

export { FleetShard, RegionalProber, SignInDesk } from "../worker/index.ts";

export class Sentinel extends Real {
  #parts;

  async look(at) {
    const db = database(this.env.DB);
    this.#parts ??= {
      env: this.env,
      db,
      memory: new Memory(this.ctx.storage),
      watches: new StoredWatches(this.ctx.storage, DETECTOR_VERSION),
      plan: "paid",
    };
    return lookIntoDue(this.#parts, await listInstances(db), at, Infinity);
  }
}

export default {
  async fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== "/bench/look") return worker.fetch(request, env, context);
    return Response.json(await sentinel(env).look(Number(searchParams.get("at"))));
  },
};
