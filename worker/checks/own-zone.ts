import { getDomain } from "tldts";

/** A Worker's requests to its own hostname do not come back to it, and those to its own zone go past it: see docs/checks.md. */

export interface OwnZone {
  /** The one of our hostnames that it meets. */
  own: string;
  /** It is that very hostname, and not only a neighbour in its zone. */
  isItself: boolean;
}

/** Whether a target is one of Nephos' own hostnames or zones; undefined where it is somebody else's. */
export function ownZoneOf(targetHost: string, ownHostnames: readonly string[]): OwnZone | undefined {
  const target = plain(targetHost);
  const itself = ownHostnames.find((own) => plain(own) === target);
  if (itself !== undefined) return { own: itself, isItself: true };
  const zone = zoneOf(target);
  const neighbour = zone && ownHostnames.find((own) => zoneOf(plain(own)) === zone);
  return neighbour ? { own: neighbour, isItself: false } : undefined;
}

/** Why such a target cannot be told truthfully, and what can. */
export function ownZoneWarning({ own, isItself }: OwnZone): string {
  const remedy = "Have something outside watch it: another monitor, or a Nephos in another account.";
  if (isItself) {
    return `This is Nephos' own hostname: a Worker cannot fetch itself from outside, so the answer would say nothing. ${remedy}`;
  }
  return (
    `This is in the same zone as Nephos' own hostname ${own}: a Worker's request to its own zone goes past Cloudflare's front, ` +
    `and fails where nothing stands behind it, so the answer may not be what others get. ${remedy}`
  );
}

/** The domain somebody registered; of a name at workers.dev the account's. */
function zoneOf(host: string): string | null {
  return getDomain(host, { allowPrivateDomains: true });
}

function plain(host: string): string {
  return host.toLowerCase().replace(/\.$/, "");
}
