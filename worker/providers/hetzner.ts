import { z } from "zod";
import { PROVIDERS, type CloudStatus } from "../../contract/providers.ts";
import { getWithToken } from "./bearer.ts";
import { ProviderProblem, type DiscoveredInstance, type Page, type Provider, type Session } from "./provider.ts";
import { notUnderstood, type Answer } from "./request.ts";
import { tagsOfLabels } from "./tags.ts";

/** Hetzner Cloud: the servers of the token's project. Dedicated machines are in another API, with another key. */
export const hetzner: Provider<"hetzner"> = { kind: "hetzner", requestsPerPage: 1, page };

const NAME = PROVIDERS.hetzner;
const ADDRESS = "https://api.hetzner.cloud";
/** The most it allows. */
const PER_PAGE = "50";

/** `from` is the number of the page. In the order of their making, so that a new one moves no other. */
async function page(session: Session<"hetzner">, from: string | null): Promise<Page> {
  const number = from ?? "1";
  const query = new URLSearchParams({ page: number, per_page: PER_PAGE, sort: "id:asc" });
  const answer = await getWithToken(session, {
    address: ADDRESS,
    path: `/v1/servers?${query}`,
    token: session.credentials.token,
    refusal: keyRefused,
    isTooOften: (given) => codeOf(given) === "rate_limit_exceeded",
  });
  if (answer.status !== 200) throw refused(answer);
  const { data } = listSchema.safeParse(answer.json);
  const next = data?.meta.pagination.next_page ?? null;
  // One that is not ahead would go on for ever.
  if (!data || (next !== null && next <= Number(number))) throw notUnderstood(NAME, answer);
  return { instances: data.servers.map(instanceOf), next: next === null ? null : String(next), unlisted: [] };
}

const text = z.string().catch("");
const size = z.int().positive().nullable().catch(null);
const bytes = z.number().nonnegative().nullable().catch(null);
const address = z
  .object({ ip: text, blocked: z.boolean().catch(false) })
  .nullable()
  .catch(null);
const location = z
  .object({ name: z.string().min(1), city: text })
  .nullable()
  .catch(null);
const NO_TYPE = { name: "", cores: null, memory: null, disk: null, prices: [] };

/** Only what is named is kept. The place stands by itself since 2025; before, it was within the data center. */
const serverSchema = z
  .object({
    id: z.int().positive(),
    name: text,
    status: text,
    created: text,
    public_net: z.object({ ipv4: address, ipv6: address }).catch({ ipv4: null, ipv6: null }),
    private_net: z.array(z.object({ ip: text })).catch([]),
    server_type: z
      .object({
        name: text,
        cores: z.int().positive().nullable().catch(null),
        memory: z.number().positive().nullable().catch(null),
        disk: size,
        prices: z.array(z.object({ location: text, price_monthly: z.object({ gross: z.string() }) })).catch([]),
      })
      .catch(NO_TYPE),
    location,
    datacenter: z.object({ name: text, location }).nullable().catch(null),
    image: z.object({ name: text, description: text }).nullable().catch(null),
    labels: z.record(z.string(), z.string()).catch({}),
    primary_disk_size: size,
    included_traffic: bytes,
    outgoing_traffic: bytes,
  })
  .transform((said, context) => {
    const place = said.location ?? said.datacenter?.location;
    if (place) return { ...said, place };
    context.addIssue("is nowhere");
    return z.NEVER;
  });

const listSchema = z.object({
  servers: z.array(serverSchema),
  meta: z.object({ pagination: z.object({ next_page: z.int().nullish() }) }),
});

const STATUSES: Record<string, CloudStatus> = {
  running: "running",
  off: "stopped",
  starting: "starting",
  initializing: "starting",
  rebuilding: "starting",
  stopping: "stopping",
  deleting: "stopping",
};

function instanceOf(said: z.output<typeof serverSchema>): DiscoveredInstance {
  const { id, place, public_net: net, server_type: type } = said;
  const createdAt = Date.parse(said.created);
  const amount = Number.parseFloat(
    type.prices.find((price) => price.location === place.name)?.price_monthly.gross ?? "",
  );
  // A smaller disk may have been kept when the type was changed.
  const disk = said.primary_disk_size ?? type.disk;
  const isBlocked = [net.ipv4, net.ipv6].some((one) => one?.blocked);
  const { included_traffic: allowedBytes, outgoing_traffic: usedBytes } = said;
  return {
    id: String(id),
    name: said.name || String(id),
    // Nothing is said of whether it runs while it is being moved.
    status: STATUSES[said.status] ?? "unknown",
    statusText: said.status,
    impaired: isBlocked ? "Hetzner has blocked an address of it" : null,
    region: place.name,
    regionName: place.city || null,
    zone: said.datacenter?.name || null,
    plan: type.name || null,
    image: said.image?.description || said.image?.name || null,
    cpuCount: type.cores,
    memoryBytes: type.memory === null ? null : Math.round(type.memory * 2 ** 30),
    diskBytes: disk === null ? null : disk * 1e9,
    publicAddresses: [net.ipv4?.ip ?? "", firstHost(net.ipv6?.ip ?? "")].filter((one) => one !== ""),
    privateAddresses: said.private_net.map(({ ip }) => ip).filter((one) => one !== ""),
    createdAt: Number.isNaN(createdAt) ? null : createdAt,
    tags: tagsOfLabels(Object.entries(said.labels)),
    monthlyCost: Number.isNaN(amount) ? null : { amount, currency: "EUR" },
    bandwidth: allowedBytes === null && usedBytes === null ? null : { usedBytes, allowedBytes },
  };
}

/** IPv6 is given as a network of 64 bits; Hetzner's images take the first address of it. What a network of another form has is not known. */
function firstHost(network: string): string {
  const given = network.replace(/::\/64$/, "::1");
  return given.includes("/") ? "" : given;
}

function codeOf({ json }: Answer): string {
  return z.object({ error: z.object({ code: z.string() }) }).safeParse(json).data?.error.code ?? "";
}

/** By the error's code. */
function refused(answer: Answer): ProviderProblem {
  const code = codeOf(answer);
  if (code === "unauthorized") return keyRefused();
  if (code === "forbidden") {
    return new ProviderProblem(
      "rights_missing",
      "Hetzner Cloud accepts the API token, but it may not see the servers of its project.",
      'In the Hetzner Console, in the project under Security > API tokens, make a token with the permission "Read", and enter it here.',
    );
  }
  return notUnderstood(NAME, answer);
}

function keyRefused(): ProviderProblem {
  return new ProviderProblem(
    "key_refused",
    "Hetzner Cloud does not accept the API token.",
    "Look in the Hetzner Console, in the project under Security > API tokens, whether the token is there still, and enter it here anew, or a new one.",
  );
}
