import type { ProbeOrder, ProbeOutcome } from "../probe.ts";
import type { ResolveAddresses } from "../target.ts";

/** What an order to look at one kind of target holds. */
export type OrderFor<Kind extends ProbeOrder["target"]["kind"]> = ProbeOrder & {
  target: Extract<ProbeOrder["target"], { kind: Kind }>;
};

/** One attempt. It ends within the order's time, and what throws is our own fault. */
export type Probe<Kind extends ProbeOrder["target"]["kind"]> = (
  order: OrderFor<Kind>,
  resolve: ResolveAddresses,
) => Promise<ProbeOutcome>;
