import { z } from "zod";
import { call, itemsOf, listOf, RegionProblem } from "./aws-call.ts";
import { IMPAIRED_REQUESTS_MAX, impairedIn } from "./aws-impaired.ts";
import { instanceOf, instanceSchema, isGone } from "./aws-instance.ts";
import { ProviderProblem, type Page, type Provider, type Session } from "./provider.ts";

/** AWS EC2: region by region. Prices are in another API, a price list of many megabytes, which is not asked. */
export const aws: Provider<"aws"> = {
  kind: "aws",
  // The regions, the instances, the status of all that run.
  requestsPerPage: 1 + 1 + IMPAIRED_REQUESTS_MAX,
  page,
};

/** An instance with its tags and interfaces is some 8 kB of XML; a thousand, which is what AWS allows, would not fit. */
const PER_PAGE = "250";
const MEMO = "aws regions";

/** `from` is the region and AWS's own token in it; by name, so that a region which is enabled meanwhile moves nothing. */
async function page(session: Session<"aws">, from: string | null): Promise<Page> {
  const regions = await regionsOf(session, from === null);
  const [named = "", token = ""] = from?.split(" ") ?? [];
  const region = regions.find((name) => name >= named);
  if (region === undefined) return { instances: [], next: null, unlisted: [] };
  const following = regions[regions.indexOf(region) + 1];
  const next = following === undefined ? null : `${following} `;
  try {
    const part = await partOf(session, region, region === named ? token : "");
    return { instances: part.instances, next: part.token === "" ? next : `${region} ${part.token}`, unlisted: [] };
  } catch (error) {
    if (!(error instanceof ProviderProblem) || !(await isOfRegionAlone(session, error))) throw error;
    return { instances: [], next, unlisted: [{ region, message: `${error.message} ${error.remedy}` }] };
  }
}

const instancesSchema = z.object({
  reservationSet: listOf(z.object({ instancesSet: itemsOf(instanceSchema) })),
  nextToken: z.string().catch(""),
});

async function partOf(session: Session<"aws">, region: string, token: string) {
  const parameters = { MaxResults: PER_PAGE, ...(token !== "" && { NextToken: token }) };
  // The same token again would go on for ever.
  const schema = instancesSchema.refine(({ nextToken }) => nextToken === "" || nextToken !== token);
  const said = await call(session, region, "DescribeInstances", schema, parameters);
  const found = said.reservationSet.flatMap(({ instancesSet }) => instancesSet).filter((one) => !isGone(one));
  const impaired = found.length === 0 ? new Map<string, string>() : await impairedIn(session, region, token === "");
  const instances = found.map((one) => instanceOf(one, region, impaired.get(one.instanceId) ?? null));
  return { instances, token: said.nextToken };
}

const regionsSchema = z.object({ regionInfo: listOf(z.object({ regionName: z.string().min(1) })) });

/** Those that were chosen, or all that the account has enabled; asked for as a discovery begins. */
async function regionsOf(session: Session<"aws">, isBeginning: boolean): Promise<string[]> {
  const { regions: chosen } = session.credentials;
  if (chosen.length > 0) return [...new Set(chosen)].sort();
  const known = session.memo.get(MEMO) as string[] | undefined;
  if (known && !isBeginning) return known;
  try {
    const regions = await enabledRegions(session);
    session.memo.set(MEMO, regions);
    return regions;
  } catch (error) {
    // The region that is asked is one of many: its outage is not theirs.
    if (known && error instanceof ProviderProblem && error.code === "unavailable") return known;
    throw error;
  }
}

/** The region that is asked for all of them: each partition of AWS knows its own keys only. */
async function enabledRegions(session: Session<"aws">): Promise<string[]> {
  const [one = ""] = session.credentials.regions;
  const home = one.startsWith("cn-") ? "cn-north-1" : one.startsWith("us-gov-") ? "us-gov-west-1" : "us-east-1";
  const { regionInfo } = await call(session, home, "DescribeRegions", regionsSchema);
  return regionInfo.map(({ regionName }) => regionName).sort();
}

/** Whether other regions may still answer. */
async function isOfRegionAlone(session: Session<"aws">, problem: ProviderProblem): Promise<boolean> {
  if (problem instanceof RegionProblem) return true;
  if (problem.code === "rights_missing") return false;
  // An address of its own is the same for every region.
  if (problem.code !== "key_refused") return session.endpoint === null;
  try {
    await enabledRegions(session);
    return true;
  } catch (error) {
    if (!(error instanceof ProviderProblem)) throw error;
    return error.code === "rights_missing";
  }
}
