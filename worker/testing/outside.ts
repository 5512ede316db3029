import { inject } from "vitest";
import { PROVIDERS, type CredentialsOf, type ProviderKind } from "../../contract/providers.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import type { Wanted } from "../../tests/outside/all.ts";
import type { Machine, Orders } from "../../tests/outside/cloud.ts";
import type { DiscoveredInstance, Page, Provider, Session } from "../providers/provider.ts";
import { asking, type Asking } from "../providers/request.ts";

/** What a cloud of tests/outside tells of itself. */
interface Told<Kind extends ProviderKind> {
  /** Requests by name. */
  asked: Record<string, number>;
  complaints: string[];
  credentials: CredentialsOf<Kind>;
  /** What its answers hold and nobody else is to see. */
  secrets: string[];
  machines: Machine[];
}

/** A cloud of this test's own, outside workerd: `order` changes it, `told` looks at it. */
export async function startCloud<Kind extends Wanted["kind"]>(kind: Kind, count = 0, seed = 1) {
  const wanted: Wanted = { kind, count, seed };
  const started = await fetch(inject("outside"), { method: "POST", body: JSON.stringify(wanted) });
  const { url } = await started.json<{ url: string }>();
  const control = `${url}/__control`;
  const told = async () => (await fetch(control)).json<Told<Kind>>();
  const order = async (orders: Orders) => {
    await (await fetch(control, { method: "POST", body: JSON.stringify(orders) })).arrayBuffer();
  };
  return { kind, url, ...(await told()), told, order };
}
export type StartedCloud<Kind extends Wanted["kind"]> = Awaited<ReturnType<typeof startCloud<Kind>>>;

/** A session with it that waits for nothing, and remembers how long it should have. */
export function sessionWith<Kind extends Wanted["kind"]>(
  { kind, url, credentials }: StartedCloud<Kind>,
  { now = Date.now(), ...given }: Partial<Asking> & { now?: EpochMs } = {},
): Session<Kind> & { waits: DurationMs[] } {
  const waits: DurationMs[] = [];
  const wait = async (ms: DurationMs) => void waits.push(ms);
  const ask = asking({ name: PROVIDERS[kind], spend: () => {}, wait, random: () => 0.5, ...given });
  return { credentials, endpoint: url, ask, now, memo: new Map(), waits };
}

/** Its whole list, page by page. */
export async function listAll<Kind extends ProviderKind>(provider: Provider<Kind>, session: Session<Kind>) {
  const instances: DiscoveredInstance[] = [];
  const unlisted: Page["unlisted"] = [];
  let pages = 0;
  let from: string | null = null;
  do {
    const page: Page = await provider.page(session, from);
    instances.push(...page.instances);
    unlisted.push(...page.unlisted);
    from = page.next;
    pages++;
  } while (from !== null && pages < 1_000);
  return { instances, unlisted, pages };
}
