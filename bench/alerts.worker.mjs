// The Worker, with a shard that counts its transactions about incidents and can be told to tick as if it were another time.
import worker, { FleetShard as Real } from "../worker/index.ts";
import { shard } from "../worker/live/shard-client.ts";

export { RegionalProber, Sentinel, SignInDesk } from "../worker/index.ts";

/** Batches are D1's transactions. Each that tells of a change of an incident writes its event with it. */
function counting(d1, counted) {
  return new Proxy(d1, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      if (name !== "batch") return value.bind(target);
      return (statements) => {
        if (statements.some(({ statement }) => /^INSERT INTO incident_event\b/.test(statement)))
          counted.incidentWrites++;
        return target.batch(statements);
      };
    },
  });
}

export class FleetShard extends Real {
  #counted;

  constructor(state, env) {
    const counted = { incidentWrites: 0 };
    super(state, { ...env, DB: counting(env.DB, counted) });
    this.#counted = counted;
  }

  async counted() {
    return this.#counted;
  }
}

export default {
  async fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url);
    switch (pathname) {
      case "/bench/tick":
        await shard(env).sweep(Number(searchParams.get("at")));
        return Response.json(await shard(env).counted());
      case "/bench/counted":
        return Response.json(await shard(env).counted());
      default:
        return worker.fetch(request, env, context);
    }
  },
};
