import { z } from "zod";
import { PROVIDERS, type Bandwidth } from "../../contract/providers.ts";
import type { DiscoveredInstance, Page, Provider, Session } from "./provider.ts";
import { notUnderstood } from "./request.ts";
import { asked, listed, refused } from "./vultr-call.ts";
import { CATALOGUE_REQUESTS, catalogueOf, type Catalogue } from "./vultr-catalogue.ts";
import { bareMetalOf, bareMetalSchema, instanceOf, instanceSchema } from "./vultr-instance.ts";

/** Vultr: cloud compute, and after it bare metal. */
export const vultr: Provider<"vultr"> = {
  kind: "vultr",
  requestsPerPage: CATALOGUE_REQUESTS + 1,
  page,
  bandwidth,
};

/** Where a part begins: its list and Vultr's own cursor in it. */
const INSTANCES = "instances:";
const BARE_METALS = "bare_metals:";

async function page(session: Session<"vultr">, from: string | null): Promise<Page> {
  const catalogue = await catalogueOf(session);
  if (from?.startsWith(BARE_METALS)) {
    const { instances, next } = await bareMetals(session, from.slice(BARE_METALS.length), catalogue);
    return { instances, next: next === "" ? null : BARE_METALS + next, unlisted: [] };
  }
  const cursor = from?.slice(INSTANCES.length) ?? "";
  const part = { path: "/v2/instances", key: "instances", item: instanceSchema, cursor };
  const { items, next } = await listed(session, part);
  const instances = items.map((said) => instanceOf(said, catalogue));
  return { instances, next: next === "" ? BARE_METALS : INSTANCES + next, unlisted: [] };
}

async function bareMetals(
  session: Session<"vultr">,
  cursor: string,
  catalogue: Catalogue,
): Promise<{ instances: DiscoveredInstance[]; next: string }> {
  const part = { path: "/v2/bare-metals", key: "bare_metals", item: bareMetalSchema, cursor };
  const { items, next } = await listed(session, part);
  for (const { id } of items) session.memo.set(metalMemo(id), true);
  return { instances: items.map((said) => bareMetalOf(said, catalogue)), next };
}

/** An id does not say which of the two it is. */
const metalMemo = (id: string) => `vultr bare metal ${id}`;

/** By UTC day; PHP writes an object without a member as a list. */
const bandwidthSchema = z.object({
  bandwidth: z.union([z.record(z.string(), z.object({ outgoing_bytes: z.number() })), z.tuple([])]),
});

/** What went out in this UTC month: Vultr charges nothing for what comes in, and what is included begins anew with the month. */
async function bandwidth(session: Session<"vultr">, id: string): Promise<Omit<Bandwidth, "at">> {
  const of = (kind: string) => asked(session, `/v2/${kind}/${encodeURIComponent(id)}/bandwidth`);
  let answer = await of(session.memo.has(metalMemo(id)) ? "bare-metals" : "instances");
  if (answer.status === 404 && !session.memo.has(metalMemo(id))) answer = await of("bare-metals");
  // It ended meanwhile.
  if (answer.status === 404) return { usedBytes: null, allowedBytes: null };
  if (answer.status !== 200) throw refused(answer);
  const { data } = bandwidthSchema.safeParse(answer.json);
  if (!data) throw notUnderstood(PROVIDERS.vultr, answer);
  const month = new Date(session.now).toISOString().slice(0, 8);
  const days = Object.entries(data.bandwidth).filter(([day]) => day.startsWith(month));
  return { usedBytes: days.reduce((sum, [, { outgoing_bytes }]) => sum + outgoing_bytes, 0), allowedBytes: null };
}
