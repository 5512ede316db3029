import { targetSchema, type SentinelSettings, type Target } from "../../contract/checks.ts";
import { NephosError } from "../errors.ts";
import { resolvingWith } from "./probes/dns.ts";
import { refusedTarget, resolvesPrivately, type TargetRefusal } from "./target.ts";

/** Where a DNS check asks of which nobody says otherwise. */
const RESOLVER = targetSchema.parse({ kind: "dns", name: "any.example" }) as Target & { kind: "dns" };

/** Refuses what may not be asked. `field` is where it was entered. */
export async function refuseTarget(
  target: Target,
  settings: Pick<SentinelSettings, "allowsPrivateTargets">,
  field?: string,
): Promise<void> {
  const refused = await refusalOf(target, settings);
  if (!refused) return;
  const { message, remedy } = refused;
  throw new NephosError("target_refused", message, { field: field ?? refused.field, remedy });
}

/** Why a target may not be asked: by its spelling, and by the addresses its name leads to now. */
export async function refusalOf(
  target: Target,
  { allowsPrivateTargets }: Pick<SentinelSettings, "allowsPrivateTargets">,
): Promise<TargetRefusal | undefined> {
  const refused = refusedTarget(target, { allowsPrivate: allowsPrivateTargets });
  if (refused) return refused;
  const host = hostOf(target);
  if (allowsPrivateTargets || host === undefined) return undefined;
  const address = await resolvesPrivately(host, resolvingWith(RESOLVER.resolver));
  if (address === undefined) return undefined;
  return {
    field: target.kind === "http" ? "target.url" : "target.host",
    message: `${host} leads to ${address}, which is not on the internet.`,
    remedy:
      "Name what can be reached from the internet. Where Nephos runs inside that network, its owner can allow private targets.",
  };
}

/** The host that a target names; undefined where it is not the host that is looked at. */
export function hostOf(target: Target): string | undefined {
  if (target.kind === "http") return new URL(target.url).hostname;
  return target.kind === "tcp" || target.kind === "tls" ? target.host : undefined;
}
