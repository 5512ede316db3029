import { z } from "zod";
import { PROVIDERS } from "../../contract/providers.ts";
import { getWithToken } from "./bearer.ts";
import { INSTANCE_FIELDS, instanceOf, instanceSchema, lastSegment, regionOf } from "./gcp-instance.ts";
import { keyFileOf } from "./gcp-key.ts";
import { isTooOften, refused, tokenRefused } from "./gcp-refusal.ts";
import { forgetToken, tokenOf } from "./gcp-token.ts";
import { ProviderProblem, type Page, type Provider, type Session } from "./provider.ts";
import { notUnderstood } from "./request.ts";

/** Google Compute Engine: the instances of one project, all zones at once. Prices are in another API, by part and not by machine. */
export const gcp: Provider<"gcp"> = {
  kind: "gcp",
  // A token, and a part of the list.
  requestsPerPage: 2,
  page,
};

const ADDRESS = "https://compute.googleapis.com";
const FIELDS = `kind,nextPageToken,unreachables,warning/code,items/*/warning/code,items/*/instances(${INSTANCE_FIELDS})`;

/** `from` is Google's own token of the page. */
async function page(session: Session<"gcp">, from: string | null): Promise<Page> {
  const file = keyFileOf(session.credentials);
  const token = await tokenOf(session, file);
  const query = new URLSearchParams({
    maxResults: "500",
    // One zone that cannot be asked does not take the others with it.
    returnPartialSuccess: "true",
    fields: FIELDS,
    ...(from !== null && { pageToken: from }),
  });
  const path = `/compute/v1/projects/${encodeURIComponent(file.project)}/aggregated/instances?${query}`;
  const answer = await getWithToken(session, { address: ADDRESS, path, token, refusal: tokenRefused, isTooOften });
  if (answer.status === 401) forgetToken(session);
  if (answer.status !== 200) throw refused(answer);
  const { data } = listSchema.safeParse(answer.json);
  // The same token again would go on for ever.
  if (!data || (data.nextPageToken !== "" && data.nextPageToken === from)) throw notUnderstood(PROVIDERS.gcp, answer);
  const instances = Object.values(data.items).flatMap((scope) => scope.instances.map(instanceOf));
  return { instances, next: data.nextPageToken || null, unlisted: unlistedIn(data) };
}

/** By zone, which is `zones/europe-west1-b`. Without the kind it is not this list: one that is empty may have nothing else. */
const listSchema = z.object({
  kind: z.literal("compute#instanceAggregatedList"),
  nextPageToken: z.string().default(""),
  unreachables: z.array(z.string()).default([]),
  warning: z.object({ code: z.string() }).optional(),
  items: z
    .record(
      z.string(),
      z.object({
        instances: z.array(instanceSchema).default([]),
        warning: z.object({ code: z.string() }).optional(),
      }),
    )
    .default({}),
});

/** Nothing is there, and nothing is wrong. */
const NONE_HERE = "NO_RESULTS_ON_PAGE";

const SOMEWHERE = [
  "Google Cloud could not list all of its zones, and does not say which.",
  "Nothing to do: it is asked again with every tick.",
] as const;

/** A zone with a warning may have more than it shows, and its region with it. */
function unlistedIn({ items, unreachables, warning: ofAll }: z.output<typeof listSchema>): Page["unlisted"] {
  const warned = Object.entries(items).filter(([, { warning }]) => warning && warning.code !== NONE_HERE);
  const zones = [...warned.map(([scope]) => scope), ...unreachables].map(lastSegment);
  // Then everything that is not there may be there.
  if (zones.length === 0 && ofAll?.code === "UNREACHABLE") throw new ProviderProblem("unavailable", ...SOMEWHERE);
  const message = "Google Cloud could not list all of this region. Nothing to do: it is asked again with every tick.";
  return [...new Set(zones.map(regionOf))].sort().map((region) => ({ region, message }));
}
