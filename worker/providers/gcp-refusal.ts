import { z } from "zod";
import { PROVIDERS } from "../../contract/providers.ts";
import { ProviderProblem } from "./provider.ts";
import { notUnderstood, type Answer } from "./request.ts";

const reasons = z
  .array(z.object({ reason: z.string().catch("") }))
  .catch([])
  .transform((all) => all.map(({ reason }) => reason));

/** Reasons are in the old place, the new one, or both. */
const errorSchema = z.object({ error: z.object({ errors: reasons, details: reasons }) });

/** Null where it is no error of Google's API. */
function reasonsOf({ json }: Answer): string[] | null {
  const { data } = errorSchema.safeParse(json);
  return data ? [...data.error.errors, ...data.error.details] : null;
}

const TOO_OFTEN = ["rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "RATE_LIMIT_EXCEEDED"];
/** What a 403 may be but a right that is missing. */
const FORBIDDEN: [reason: string, problem: () => ProviderProblem][] = [
  ["BILLING_DISABLED", billingIsOff],
  ["SECURITY_POLICY_VIOLATED", perimeterRefused],
  ["SERVICE_DISABLED", apiIsOff],
  ["accessNotConfigured", apiIsOff],
];

/** Compute Engine says it with 403. */
export function isTooOften(answer: Answer): boolean {
  return answer.status === 403 && (reasonsOf(answer)?.some((reason) => TOO_OFTEN.includes(reason)) ?? false);
}

/** Why Compute Engine did not list. */
export function refused(answer: Answer): ProviderProblem {
  const found = reasonsOf(answer);
  if (!found) return notUnderstood(PROVIDERS.gcp, answer);
  switch (answer.status) {
    case 401:
      return tokenRefused();
    case 403:
      return FORBIDDEN.find(([reason]) => found.includes(reason))?.[1]() ?? rightMissing();
    case 404:
      return new ProviderProblem(
        "rights_missing",
        "Google Cloud knows no such project.",
        "Look up the id of the project in the Google Cloud console, on its dashboard: it is neither the name nor the number.",
      );
    default:
      return notUnderstood(PROVIDERS.gcp, answer);
  }
}

export function tokenRefused(): ProviderProblem {
  return new ProviderProblem(
    "key_refused",
    "Google Cloud does not accept the token that it gave for the key of the service account.",
    "It is asked for a new one with the next tick. Where that does not help: look in the Google Cloud console under IAM & Admin > Service Accounts whether the account is still enabled.",
  );
}

function billingIsOff(): ProviderProblem {
  return new ProviderProblem(
    "rights_missing",
    "Google Cloud accepts the key, but the project has no billing account, and without one shows nothing.",
    "Link a billing account to the project in the Google Cloud console under Billing.",
  );
}

function perimeterRefused(): ProviderProblem {
  return new ProviderProblem(
    "address_refused",
    "Google Cloud accepts the key, but VPC Service Controls of the organization keep requests from outside away from the project, and Cloudflare's edge has no fixed address that could be let in.",
    "In the Google Cloud console under Security > VPC Service Controls, add an ingress rule for the service account to compute.googleapis.com, from any source.",
  );
}

function apiIsOff(): ProviderProblem {
  return new ProviderProblem(
    "rights_missing",
    "Google Cloud accepts the key, but the Compute Engine API is not enabled in the project.",
    "Enable the Compute Engine API in the Google Cloud console under APIs & Services, in the project whose instances are to be seen. It takes effect after some minutes.",
  );
}

function rightMissing(): ProviderProblem {
  return new ProviderProblem(
    "rights_missing",
    "Google Cloud accepts the key, but its service account may not list the instances of the project.",
    "In the Google Cloud console under IAM, give the service account compute.instances.list in the project: the role Compute Viewer (roles/compute.viewer) has it. Look also whether the id of the project is right.",
  );
}
