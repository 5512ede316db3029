// The Worker, and a way to have its sentinel tick and to ask what it remembers.
import worker, { Sentinel as Real } from "../worker/index.ts";
import { sentinel } from "../worker/sentinel-client.ts";

export { FleetShard, RegionalProber, SignInDesk } from "../worker/index.ts";

export class Sentinel extends Real {
  /** Each tick puts every value of its storage once: as many rows are written there. */
  async storedValues() {
    return (await this.ctx.storage.list()).size;
  }
}

export default {
  async fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url);
    const object = sentinel(env);
    switch (pathname) {
      case "/bench/tick":
        await object.tick(Number(searchParams.get("at")));
        return Response.json({ steps: await object.steps(), values: await object.storedValues() });
      case "/bench/rounds":
        return Response.json(await object.lastRounds(await request.json()));
      default:
        return worker.fetch(request, env, context);
    }
  },
};
