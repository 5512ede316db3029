import { z } from "zod";
import { call, listOf } from "./aws-call.ts";
import type { Session } from "./provider.ts";

/** Requests it takes at most: a thousand running instances each. */
export const IMPAIRED_REQUESTS_MAX = 5;
const PER_REQUEST = "1000";

const check = z.object({ status: z.string() }).catch({ status: "" });
const statusesSchema = z.object({
  instanceStatusSet: listOf(
    z.object({ instanceId: z.string(), systemStatus: check, instanceStatus: check, attachedEbsStatus: check }),
  ),
  nextToken: z.string().catch(""),
});

/** Instances of a region that AWS's own checks find impaired, and what exactly: asked for once, and kept while the region is listed. */
export async function impairedIn(
  session: Session<"aws">,
  region: string,
  isBeginning: boolean,
): Promise<ReadonlyMap<string, string>> {
  const memo = `aws impaired ${region}`;
  const known = session.memo.get(memo) as ReadonlyMap<string, string> | undefined;
  if (known && !isBeginning) return known;
  const impaired = new Map<string, string>();
  let token = "";
  for (let asked = 0; asked < IMPAIRED_REQUESTS_MAX && (asked === 0 || token !== ""); asked++) {
    const parameters = { MaxResults: PER_REQUEST, ...(token !== "" && { NextToken: token }) };
    const said = await call(session, region, "DescribeInstanceStatus", statusesSchema, parameters);
    for (const status of said.instanceStatusSet) {
      const failed = failedChecks(status);
      if (failed.length > 0) impaired.set(status.instanceId, failed.join(", "));
    }
    token = said.nextToken;
  }
  session.memo.set(memo, impaired);
  return impaired;
}

function failedChecks({
  systemStatus,
  instanceStatus,
  attachedEbsStatus,
}: z.output<typeof statusesSchema>["instanceStatusSet"][number]): string[] {
  return [
    ...(systemStatus.status === "impaired" ? ["the system it runs on"] : []),
    ...(instanceStatus.status === "impaired" ? ["the instance"] : []),
    ...(attachedEbsStatus.status === "impaired" ? ["its EBS volumes"] : []),
  ];
}
