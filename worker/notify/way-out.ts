import type { EpochMs } from "../../contract/units.ts";
import type { Database } from "../db/client.ts";
import { isPublic } from "../public-host.ts";
import type { Vault } from "../vault/vault.ts";
import type { Surroundings, VapidKeys } from "./channel.ts";
import { permanent } from "./reply.ts";
import { vapidKeys } from "./vapid.ts";

/** What a channel gets of this installation. One of it serves the messages of one event. */
export function surroundingsOf({
  env,
  db,
  vault,
  now,
  signal,
  allowsPrivate,
  vapid,
}: {
  env: Surroundings["env"];
  db: Database;
  vault: Vault;
  now: EpochMs;
  /** Ends every request. */
  signal: AbortSignal;
  /** Private, loopback and link-local addresses may be asked: the owner says so. */
  allowsPrivate: boolean;
  /** Where they are known already. */
  vapid?(): Promise<VapidKeys>;
}): Surroundings {
  let keys: Promise<VapidKeys> | undefined;
  return {
    env,
    now,
    vapid: vapid ?? (() => (keys ??= vapidKeys(db, vault))),
    fetch: (url, init) => askOutside(url, init, { signal, allowsPrivate }),
  };
}

async function askOutside(
  url: string,
  init: RequestInit | undefined,
  { signal, allowsPrivate }: { signal: AbortSignal; allowsPrivate: boolean },
): Promise<Response> {
  const target = placeOf(url, allowsPrivate);
  const headers = new Headers(init?.headers);
  // What guards an API at its edge takes a caller without a name for a robot.
  if (!headers.has("user-agent")) headers.set("user-agent", "Nephos");
  const ends = init?.signal ? AbortSignal.any([signal, init.signal]) : signal;
  const response = await fetch(target.href, { ...init, headers, redirect: "manual", signal: ends });
  if (response.status < 300 || response.status > 399) return response;
  await response.body?.cancel();
  const to = URL.parse(response.headers.get("location") ?? "", target.href)?.host;
  throw permanent(
    `${target.host} sends the message on${to === undefined ? "" : ` to ${to}`} (status ${response.status}), and no redirect is followed: what is secret would go with it. Enter the address where it ends.`,
  );
}

/** Of an address only its host is ever said: the rest may hold a key. */
function placeOf(url: string, allowsPrivate: boolean): URL {
  const target = URL.parse(url);
  if (!target || !["https:", "http:"].includes(target.protocol)) {
    throw permanent("The address of this channel is none. Enter one that begins with https://.");
  }
  if (target.username !== "" || target.password !== "") {
    throw permanent(
      "The address of this channel holds a user name or a password, which cannot be sent so. Enter an address without them.",
    );
  }
  if (!allowsPrivate && !isPublic(target)) {
    throw permanent(
      `${target.hostname} is inside a private network or on a machine itself, not on the internet. Enter a public name. Where Nephos runs inside that network, its owner can allow private targets under Checks, Settings.`,
    );
  }
  return target;
}
