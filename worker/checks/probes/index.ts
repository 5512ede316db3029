import type { ProbeOrder, ProbeOutcome } from "../probe.ts";
import { refusedTarget, type ResolveAddresses } from "../target.ts";
import { probeDns } from "./dns.ts";
import { probeHttp } from "./http.ts";
import { unable } from "./outcome.ts";
import type { Probe } from "./probe-kind.ts";
import { probeTcp } from "./tcp.ts";
import { probeTls } from "./tls.ts";

type Kind = ProbeOrder["target"]["kind"];

const PROBES: { [K in Kind]: Probe<K> } = { http: probeHttp, tcp: probeTcp, tls: probeTls, dns: probeDns };

/** Looks at a target once, as its kind is looked at. What may not be asked is not: the rules may have changed since it was entered. */
export async function probe(order: ProbeOrder, resolve: ResolveAddresses): Promise<ProbeOutcome> {
  const refusal = refusedTarget(order.target, order);
  if (refusal) return unable(`may not be asked: ${refusal.message}`);
  const probeKind = PROBES[order.target.kind] as Probe<Kind>;
  return probeKind(order as Parameters<Probe<Kind>>[0], resolve);
}
