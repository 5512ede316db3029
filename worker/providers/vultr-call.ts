import { z } from "zod";
import { PROVIDERS } from "../../contract/provider-kinds.ts";
import { ProviderProblem, type Session } from "./provider.ts";
import { notUnderstood, type Answer } from "./request.ts";

const NAME = PROVIDERS.vultr;
const ADDRESS = "https://api.vultr.com";
/** The most it allows. */
const PER_PAGE = "500";

/** One of Vultr's lists, a part of it: `key` is where its elements are, `cursor` is "" at its beginning. */
export interface Part<Item> {
  path: string;
  key: string;
  item: z.ZodType<Item>;
  cursor: string;
  /** What everybody may read is read without the key. */
  isPublic?: boolean;
}

/** Elements of a list, and the cursor of what follows; "" where nothing does. */
export async function listed<Item>(
  session: Session<"vultr">,
  { path, key, item, cursor, isPublic = false }: Part<Item>,
): Promise<{ items: Item[]; next: string }> {
  const query = new URLSearchParams({ per_page: PER_PAGE, ...(cursor !== "" && { cursor }) });
  const answer = await asked(session, `${path}?${query}`, isPublic);
  if (answer.status !== 200) throw refused(answer);
  const list = z.object({
    [key]: z.array(item),
    meta: z.object({ links: z.object({ next: z.string().nullish() }).nullish() }),
  });
  const { data } = list.safeParse(answer.json);
  if (!data) throw notUnderstood(NAME, answer);
  const next = (data.meta as { links?: { next?: string | null } | null }).links?.next ?? "";
  // It would go on for ever.
  if (next !== "" && next === cursor) throw notUnderstood(NAME, answer);
  return { items: data[key] as Item[], next };
}

/** One GET; any status. */
export function asked(
  { credentials, endpoint, ask }: Session<"vultr">,
  path: string,
  isPublic = false,
): Promise<Answer> {
  const headers = { accept: "application/json", ...(!isPublic && { authorization: `Bearer ${credentials.apiKey}` }) };
  return ask(() => new Request(`${(endpoint ?? ADDRESS).replace(/\/+$/, "")}${path}`, { headers }));
}

/** Why it did not do as it was asked, by the status and its own words. */
export function refused(answer: Answer): ProviderProblem {
  const { status, text } = answer;
  const { error: said = text } = z.object({ error: z.string() }).safeParse(answer.json).data ?? {};
  const isPage = said.trimStart().startsWith("<");
  if ((status === 401 || status === 403) && !isPage) {
    if (/\bip\b/i.test(said) && /authori[sz]ed/i.test(said)) return addressRefused();
    if (status === 401) return keyRefused();
    if (answer.json !== undefined) return rightsMissing();
  }
  return notUnderstood(NAME, answer);
}

function keyRefused(): ProviderProblem {
  return new ProviderProblem(
    "key_refused",
    "Vultr does not accept the API key.",
    "Look in Vultr under Account > API whether the key is still enabled, and enter it here anew: renewing it there ends the old one.",
  );
}

function addressRefused(): ProviderProblem {
  return new ProviderProblem(
    "address_refused",
    "Vultr accepts the API key only from certain addresses, and Cloudflare's edge is none of them: it has no fixed address.",
    'In Vultr under Account > API, Access Control, allow all IPv4 and all IPv6 (0.0.0.0/0 and ::/0), best for the key of a user who has "View Servers" and nothing else. Or give this account the address of a proxy of yours that Vultr knows.',
  );
}

function rightsMissing(): ProviderProblem {
  return new ProviderProblem(
    "rights_missing",
    "Vultr accepts the API key, but its user may not see the servers.",
    'In Vultr under Account > Users, give the user of this key the permission "View Servers" (subscriptions_view).',
  );
}
