import { z } from "zod";
import { ProviderProblem, type Session } from "./provider.ts";
import { listed } from "./vultr-call.ts";

/** What Vultr offers, as far as it explains what it lists. */
export interface Catalogue {
  regionNames: ReadonlyMap<string, string>;
  plans: ReadonlyMap<string, Plan>;
}

interface Plan {
  id: string;
  monthlyCost: number;
  bandwidthGb: number | null;
}

/** Requests it takes. */
export const CATALOGUE_REQUESTS = 3;
const MEMO = "vultr catalogue";

const regionSchema = z.object({ id: z.string(), city: z.string() });
const planSchema = z
  .object({ id: z.string(), monthly_cost: z.number(), bandwidth: z.int().nonnegative().nullable().catch(null) })
  .transform(({ id, monthly_cost, bandwidth }): Plan => ({ id, monthlyCost: monthly_cost, bandwidthGb: bandwidth }));

/** Asked for once while it is remembered. Machines are more important than their prices: where it cannot be had, they go without. */
export async function catalogueOf(session: Session<"vultr">): Promise<Catalogue> {
  const known = session.memo.get(MEMO) as Catalogue | undefined;
  if (known) return known;
  try {
    const catalogue = await read(session);
    session.memo.set(MEMO, catalogue);
    return catalogue;
  } catch (error) {
    if (!(error instanceof ProviderProblem)) throw error;
    return { regionNames: new Map(), plans: new Map() };
  }
}

/** One page of each: there are some 40 regions and 200 plans. */
async function read(session: Session<"vultr">): Promise<Catalogue> {
  const all = { cursor: "", isPublic: true };
  const regions = await listed(session, { path: "/v2/regions", key: "regions", item: regionSchema, ...all });
  const plans = await listed(session, { path: "/v2/plans", key: "plans", item: planSchema, ...all });
  const metal = await listed(session, { path: "/v2/plans-metal", key: "plans_metal", item: planSchema, ...all });
  return {
    regionNames: new Map(regions.items.map(({ id, city }) => [id, city])),
    plans: new Map([...plans.items, ...metal.items].map((plan) => [plan.id, plan])),
  };
}
