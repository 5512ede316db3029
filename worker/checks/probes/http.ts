import { version } from "../../../package.json";
import { hostOf, isAddress } from "../../public-host.ts";
import { PROBE_BODY_BYTES_MAX, PROBE_REDIRECTS_MAX } from "../../settings.ts";
import type { ProbeOutcome } from "../probe.ts";
import { refusedTarget, type ResolveAddresses } from "../target.ts";
import { responseTime } from "../words.ts";
import { bodyTrouble, isExpectedStatus } from "./assertions.ts";
import { cloudflareTrouble } from "./cloudflare-trouble.ts";
import { TimeUp, within } from "./deadline.ts";
import { endpointOf, type HttpAnswer, type HttpRequest } from "./http-answer.ts";
import { askByFetch, NoAnswer } from "./http-by-fetch.ts";
import { askOverSocket } from "./http-over-socket.ts";
import { CutOff, NotTheProtocol } from "./incoming.ts";
import { failed } from "./outcome.ts";
import type { OrderFor, Probe } from "./probe-kind.ts";
import { Progress } from "./progress.ts";
import { redirected } from "./redirect.ts";
import { NotConnected, NotSecured } from "./socket.ts";
import { probeTcp } from "./tcp.ts";
import { certificateAt, NOT_VALID, probeTls } from "./tls.ts";
import { unconnected } from "./unconnected.ts";

type Order = OrderFor<"http">;

export const probeHttp: Probe<"http"> = async (order, resolve) => {
  const progress = new Progress();
  const request = firstRequest(order);
  const last = { request };
  try {
    return await within(order.timeoutMs, (signal) => followed(order, last, progress, resolve, signal));
  } catch (error) {
    if (!(error instanceof TimeUp)) throw error;
    return late(order, last.request, progress);
  }
};

function firstRequest({ target }: Order): HttpRequest {
  const headers = new Headers({ "user-agent": USER_AGENT });
  for (const { name, value } of target.headers ?? []) headers.set(name, value);
  const body = ["GET", "HEAD"].includes(target.method) ? null : target.body;
  return { url: new URL(target.url), method: target.method, headers, body };
}

const USER_AGENT = `Nephos/${version} (+health check)`;

/** Asks, and asks on where it is sent to. `last` is the request that is under way. */
async function followed(
  order: Order,
  last: { request: HttpRequest },
  progress: Progress,
  resolve: ResolveAddresses,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  for (let hops = 0; ; hops++) {
    const { request } = last;
    const come = await asked(request, order, progress, resolve, signal);
    if (!("goOn" in come)) return come;
    const next = come.goOn;
    if (hops >= PROBE_REDIRECTS_MAX) {
      return failed("redirects", `redirects more than ${PROBE_REDIRECTS_MAX} times`, progress.phases());
    }
    if (next === "carries a body elsewhere") {
      return failed("redirects", "redirects what is sent to another place, where it is not sent on", progress.phases());
    }
    if (refusedTarget({ ...order.target, url: next.url.href }, order)) {
      return failed("forbidden", `redirects to ${next.url.host}, which may not be asked`, progress.phases());
    }
    last.request = next;
  }
}

type Come = ProbeOutcome | { goOn: HttpRequest | "carries a body elsewhere" };

async function asked(
  request: HttpRequest,
  order: Order,
  progress: Progress,
  resolve: ResolveAddresses,
  signal: AbortSignal,
): Promise<Come> {
  const isByAddress = isAddress(request.url);
  const asking = isByAddress ? askOverSocket : askByFetch;
  try {
    if (isByAddress && request.url.protocol === "https:") {
      const shown = await certificateAt(endpointOf(request.url), progress, signal);
      if (shown.kind === "failed") return shown;
      progress.beginsNow();
    }
    return await asking(request, progress, signal, async (answer) => {
      const goOn = order.target.redirects === "follow" && redirected(request, answer);
      return goOn ? { goOn } : judged(answer, order, progress);
    });
  } catch (error) {
    if (error instanceof NoAnswer) return unanswered(request.url, order, progress, resolve);
    if (error instanceof NotConnected) return unconnected(hostOf(request.url), progress.phases(), order, resolve);
    if (error instanceof NotSecured) return failed("tls", NOT_VALID, progress.phases());
    if (error instanceof NotTheProtocol) return failed("protocol", "does not speak HTTP", progress.phases());
    if (!(error instanceof CutOff)) throw error;
    const words = progress.firstByteMs === null ? NO_HTTP_ANSWER : "broke off in the middle of its answer";
    return failed("cut", words, progress.phases());
  }
}

const NO_HTTP_ANSWER = "took the connection and gave no HTTP answer";

async function judged(answer: HttpAnswer, order: Order, progress: Progress): Promise<ProbeOutcome> {
  const { status, headers } = answer;
  const { target } = order;
  if (!isExpectedStatus(target, status)) {
    const trouble = cloudflareTrouble(status, headers, status >= 520 ? (await bodyOf(answer)).text : "");
    if (!trouble) return failed("status", `answered ${status}`, progress.phases());
    // Not from the target came the first byte.
    return failed(trouble.failure, trouble.words, { ...progress.phases(), firstByteMs: null });
  }
  const { text, isWhole } = await bodyOf(answer);
  const trouble = bodyTrouble(target, text, isWhole);
  const phases = progress.phases();
  if (trouble) return failed("content", trouble, phases);
  return { kind: "good", words: `answered ${status} in ${responseTime(phases.totalMs)}`, phases };
}

/** To its end, or as much as is enough. */
async function bodyOf({ chunks }: HttpAnswer): Promise<{ text: string; isWhole: boolean }> {
  const read: Uint8Array[] = [];
  let bytes = 0;
  let isWhole = true;
  for await (const chunk of chunks) {
    read.push(chunk);
    bytes += chunk.length;
    isWhole = bytes <= PROBE_BODY_BYTES_MAX;
    if (!isWhole) break;
  }
  return { text: Buffer.concat(read).toString("utf8"), isWhole };
}

/** Why `fetch` got no answer, found out in the time that is left: a connection made by hand fails in a way that can be told. */
async function unanswered(
  url: URL,
  order: Order,
  progress: Progress,
  resolve: ResolveAddresses,
): Promise<ProbeOutcome> {
  const rest = { ...order, timeoutMs: Math.max(0, order.timeoutMs - progress.passedMs()) };
  const endpoint = endpointOf(url);
  const why =
    url.protocol === "https:"
      ? await probeTls({ ...rest, target: { kind: "tls", ...endpoint, warnDays: 1 } }, resolve)
      : await probeTcp({ ...rest, target: { kind: "tcp", ...endpoint } }, resolve);
  if (why.kind === "failed" || why.kind === "unable") return why;
  return failed("cut", NO_HTTP_ANSWER, progress.phases());
}

function late({ timeoutMs }: Order, { url }: HttpRequest, progress: Progress): ProbeOutcome {
  const phases = progress.phases();
  const within = responseTime(timeoutMs);
  if (phases.firstByteMs !== null) return failed("timeout", `did not finish its answer within ${within}`, phases);
  const isUnconnected = isAddress(url) && phases.connectMs === null;
  return failed(isUnconnected ? "unreachable" : "timeout", `did not answer within ${within}`, phases);
}
