import { z } from "zod";
import { PROVIDERS, type CloudStatus } from "../../contract/providers.ts";
import { getWithToken } from "./bearer.ts";
import { ProviderProblem, type DiscoveredInstance, type Page, type Provider, type Session } from "./provider.ts";
import { notUnderstood, type Answer } from "./request.ts";
import { tagsOf } from "./tags.ts";

/** DigitalOcean: its droplets, and after them those with a graphics processor, which are a list of their own. */
export const digitalocean: Provider<"digitalocean"> = { kind: "digitalocean", requestsPerPage: 1, page };

const NAME = PROVIDERS.digitalocean;
const ADDRESS = "https://api.digitalocean.com";
/** The most it allows. */
const PER_PAGE = "200";
/** In the order in which they are asked for. */
const LISTS = ["droplets", "gpus"];
const BEGINNING = "droplets 1";

/** `from` is the list and the number of the page in it. */
async function page(session: Session<"digitalocean">, from: string | null): Promise<Page> {
  const [list = "", number = ""] = (from ?? BEGINNING).split(" ");
  const query = new URLSearchParams({ type: list, per_page: PER_PAGE, page: number });
  const answer = await getWithToken(session, {
    address: ADDRESS,
    path: `/v2/droplets?${query}`,
    token: session.credentials.token,
    refusal: keyRefused,
  });
  if (answer.status !== 200) throw refused(answer);
  const { data } = listSchema.safeParse(answer.json);
  if (!data) throw notUnderstood(NAME, answer);
  const following = data.next === "" ? null : numberIn(data.next);
  // One that is not ahead would go on for ever.
  if (following !== null && !(following > Number(number))) throw notUnderstood(NAME, answer);
  const after = LISTS[LISTS.indexOf(list) + 1];
  const next = following !== null ? `${list} ${following}` : after === undefined ? null : `${after} 1`;
  return { instances: data.droplets.map(instanceOf), next, unlisted: [] };
}

/** Of the address that leads to the next page only the number is taken: the token goes where the account says, and nowhere else. */
function numberIn(address: string): number {
  const number = URL.parse(address)?.searchParams.get("page") ?? "";
  return /^\d{1,9}$/.test(number) ? Number(number) : NaN;
}

const text = z.string().catch("");
const count = z.int().nonnegative().nullable().catch(null);
const amount = z.number().nonnegative().nullable().catch(null);
const addresses = z.array(z.object({ ip_address: text, type: text })).catch([]);

/** Only what is named is kept. */
const dropletSchema = z.object({
  id: z.int().positive(),
  name: text,
  memory: count,
  vcpus: count,
  disk: count,
  status: text,
  created_at: text,
  region: z.object({ slug: z.string().min(1), name: text }),
  image: z.object({ distribution: text, name: text }).catch({ distribution: "", name: "" }),
  size: z.object({ price_monthly: amount, transfer: amount }).nullable().catch(null),
  size_slug: text,
  networks: z.object({ v4: addresses, v6: addresses }).catch({ v4: [], v6: [] }),
  tags: z.array(z.string()).catch([]),
});

/** The last page has no `next`, and may have no `pages`. */
const listSchema = z
  .object({
    droplets: z.array(dropletSchema),
    links: z.object({ pages: z.object({ next: z.string().nullish() }).nullish() }).nullish(),
  })
  .transform(({ droplets, links }) => ({ droplets, next: links?.pages?.next ?? "" }));

const STATUSES: Record<string, CloudStatus> = {
  new: "starting",
  active: "running",
  off: "stopped",
  archive: "stopped",
};

/** What goes out is included by the "TB" of 1,000 GiB. */
const TB = 1_000 * 2 ** 30;

function instanceOf(said: z.output<typeof dropletSchema>): DiscoveredInstance {
  const { id, region, image, size, memory, disk } = said;
  const { v4, v6 } = said.networks;
  const addressesOf = (type: string) =>
    [...v4, ...v6].filter((one) => one.type === type && one.ip_address !== "").map(({ ip_address }) => ip_address);
  const { price_monthly: price = null, transfer = null } = size ?? {};
  const createdAt = Date.parse(said.created_at);
  return {
    id: String(id),
    name: said.name || String(id),
    status: STATUSES[said.status] ?? "unknown",
    statusText: said.status,
    impaired: null,
    region: region.slug,
    regionName: region.name || null,
    zone: null,
    plan: said.size_slug || null,
    image: [image.distribution, image.name].filter((part) => part !== "").join(" ") || null,
    cpuCount: said.vcpus,
    memoryBytes: memory === null ? null : memory * 2 ** 20,
    diskBytes: disk === null ? null : disk * 2 ** 30,
    publicAddresses: addressesOf("public"),
    privateAddresses: addressesOf("private"),
    createdAt: Number.isNaN(createdAt) ? null : createdAt,
    tags: tagsOf(said.tags),
    monthlyCost: price === null ? null : { amount: price, currency: "USD" },
    bandwidth: transfer === null ? null : { usedBytes: null, allowedBytes: Math.round(transfer * TB) },
  };
}

const errorSchema = z.object({ id: z.string(), message: z.string() });

/** Its errors have an id and a message; anything else was not said by the API. */
function refused(answer: Answer): ProviderProblem {
  const isOfApi = errorSchema.safeParse(answer.json).success;
  if (isOfApi && answer.status === 401) return keyRefused();
  if (isOfApi && answer.status === 403) {
    return new ProviderProblem(
      "rights_missing",
      "DigitalOcean accepts the API token, but it may not see the droplets.",
      'In DigitalOcean under API > Tokens, make a token with the scope "droplet:read", or with read access to all, and enter it here.',
    );
  }
  return notUnderstood(NAME, answer);
}

function keyRefused(): ProviderProblem {
  return new ProviderProblem(
    "key_refused",
    "DigitalOcean does not accept the API token.",
    "Look in DigitalOcean under API > Tokens whether the token is there still and has not expired, and enter it here anew, or a new one.",
  );
}
