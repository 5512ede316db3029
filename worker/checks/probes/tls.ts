import type { DurationMs, EpochMs } from "../../../contract/units.ts";
import type { Phases, ProbeOutcome } from "../probe.ts";
import type { ResolveAddresses } from "../target.ts";
import { lasting, responseTime } from "../words.ts";
import { TimeUp, within } from "./deadline.ts";
import { CutOff, Incoming, NotTheProtocol } from "./incoming.ts";
import { failed } from "./outcome.ts";
import type { OrderFor, Probe } from "./probe-kind.ts";
import { Progress } from "./progress.ts";
import { NotConnected, NotSecured, securelyConnected, type Endpoint } from "./socket.ts";
import { readCertificate, type Certificate } from "./tls-certificate.ts";
import { greet, type Handshake } from "./tls-handshake.ts";
import { unconnected } from "./unconnected.ts";

/** How long a verified connection must stand: on Cloudflare a handshake that fails is first heard of as an end of what comes in. */
const SETTLED_AFTER_MS: DurationMs = 500;
const PROTOCOL_VERSION_ALERT = 70;

type Answered = Extract<ProbeOutcome, { kind: "good" | "warning" }>;

export const probeTls: Probe<"tls"> = async (order, resolve) => {
  const progress = new Progress();
  try {
    return await within(order.timeoutMs, (signal) => seen(order, progress, resolve, signal));
  } catch (error) {
    if (!(error instanceof TimeUp)) throw error;
    const words = `did not finish the TLS handshake within ${responseTime(order.timeoutMs)}`;
    return failed(progress.connectMs === null ? "unreachable" : "timeout", words, progress.phases());
  }
};

async function seen(
  order: OrderFor<"tls">,
  progress: Progress,
  resolve: ResolveAddresses,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const { target } = order;
  try {
    const shown = await certificateAt(target, progress, signal);
    const phases = progress.phases();
    if (shown.kind === "declined") return await vouched(declined(shown.alert, phases), NOT_VALID, target, signal);
    if (shown.kind === "failed") return shown;
    const { certificate } = shown;
    const answer = dated(certificate.endsAt, target.warnDays, phases, Date.now());
    // It ends a handshake that brings none.
    if (shown.asksForOurs) return { ...answer, words: `${answer.words}; who signed it was not verified` };
    return await vouched(answer, certificate.isSelfSigned ? SIGNED_BY_ITSELF : SIGNED_BY_NOBODY, target, signal);
  } catch (error) {
    if (error instanceof NotConnected) return unconnected(target.host, progress.phases(), order, resolve);
    if (error instanceof NotTheProtocol) return failed("protocol", "does not speak TLS", progress.phases());
    if (!(error instanceof CutOff)) throw error;
    return failed("cut", "closed the connection during the TLS handshake", progress.phases());
  }
}

/** What a server shows of itself, where nothing is wrong with it yet. Who has signed it is not verified. */
export async function certificateAt(endpoint: Endpoint, progress: Progress, signal: AbortSignal): Promise<Shown> {
  const handshake = await greet(endpoint, progress, signal);
  if (handshake.kind === "declined") return handshake;
  const certificate = readCertificate(handshake.leaf, endpoint.host, Date.now());
  const words = certificate ? certificate.trouble : "showed a certificate that cannot be read";
  if (!certificate || words) return { kind: "failed", failure: "tls", words: words!, phases: progress.phases() };
  return { kind: "shown", certificate, asksForOurs: handshake.asksForOurs };
}

type Shown =
  | { kind: "shown"; certificate: Certificate; asksForOurs: boolean }
  | Extract<Handshake, { kind: "declined" }>
  | Extract<ProbeOutcome, { kind: "failed" }>;

export const NOT_VALID = "certificate is not valid";
const SIGNED_BY_ITSELF = "certificate is signed by itself";
const SIGNED_BY_NOBODY = "certificate is signed by nobody who is known, or comes without those between";

function declined(alert: number, phases: Phases): Answered {
  const why =
    alert === PROTOCOL_VERSION_ALERT
      ? "the server speaks TLS 1.3 only, which hides it"
      : "the server shares no older way of encryption with us";
  return { kind: "good", words: `certificate is valid; when it ends cannot be seen from a Worker: ${why}`, phases };
}

function dated(endsAt: EpochMs, warnDays: number, phases: Phases, now: EpochMs): Answered {
  return {
    kind: endsAt - now <= warnDays * 86_400_000 ? "warning" : "good",
    words: `certificate ends in ${lasting(endsAt - now)}`,
    phases,
    certificateEndsAt: endsAt,
  };
}

/** The answer, where the platform verifies the certificate too. */
async function vouched(
  answer: Answered,
  otherwise: string,
  endpoint: Endpoint,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  return (await isTrustedAt(endpoint, signal)) ? answer : failed("tls", otherwise, answer.phases);
}

/** A second connection, on which the platform verifies who signed. */
async function isTrustedAt(endpoint: Endpoint, signal: AbortSignal): Promise<boolean> {
  try {
    return await securelyConnected(endpoint, signal, async ({ socket }) => {
      const settled = within(SETTLED_AFTER_MS, (settling) => new Incoming(socket.readable, settling).atMost(1));
      return (await settled) !== undefined;
    });
  } catch (error) {
    if (error instanceof NotSecured || error instanceof CutOff) return false;
    if (error instanceof TimeUp && !signal.aborted) return true;
    throw error;
  }
}
