import { z } from "zod";
import type { DNS_TYPES } from "../../../contract/check-kinds.ts";
import type { DurationMs } from "../../../contract/units.ts";
import type { Phases } from "../probe.ts";
import type { ResolveAddresses } from "../target.ts";
import { responseTime } from "../words.ts";
import { TimeUp, within } from "./deadline.ts";
import { failed, quoted, unable } from "./outcome.ts";
import type { Probe } from "./probe-kind.ts";

type DnsType = (typeof DNS_TYPES)[number];

/** Numbers of types and of answers are IANA's, "DNS parameters". */
const TYPE_NUMBERS = { A: 1, NS: 2, CNAME: 5, SOA: 6, MX: 15, TXT: 16, AAAA: 28, CAA: 257 } as const satisfies Record<
  DnsType,
  number
>;
const NO_ERROR = 0;
const NO_SUCH_NAME = 3;
const CODES: Record<number, string> = { 1: "FORMERR", 2: "SERVFAIL", 4: "NOTIMP", 5: "REFUSED" };

const answerSchema = z.object({
  Status: z.int(),
  Answer: z.array(z.object({ type: z.int(), data: z.string() })).default([]),
});

/** What a resolver said of a name: a code, and the records of the type that was asked for. */
interface Lookup {
  code: number;
  records: string[];
}

/** Undefined where the resolver gave no answer that could be read. */
async function lookUp(resolver: string, name: string, type: DnsType, signal: AbortSignal): Promise<Lookup | undefined> {
  const url = new URL(resolver);
  url.searchParams.set("name", name);
  url.searchParams.set("type", type);
  try {
    const response = await fetch(url, { headers: { accept: "application/dns-json" }, redirect: "manual", signal });
    if (!response.ok) return void (await response.body?.cancel());
    const { Status, Answer } = answerSchema.parse(await response.json());
    const records = Answer.filter((record) => record.type === TYPE_NUMBERS[type]);
    return { code: Status, records: records.map(({ data }) => plain(data)) };
  } catch (error) {
    if (error instanceof TimeUp) throw error;
    return undefined;
  }
}

/** As people write it: without the dot at the end, and a text in one piece without its quotes. */
function plain(data: string): string {
  return data.startsWith('"') ? data.slice(1).replace(/"$/, "").replaceAll('" "', "") : data.replace(/\.$/, "");
}

/** How long a failed attempt may take to find out what its name leads to. */
const ADDRESSES_TIMEOUT_MS: DurationMs = 2_000;

/** Asks a resolver for both kinds of address. */
export function resolvingWith(resolver: string): ResolveAddresses {
  return async (name) => {
    try {
      const [four, six] = await within(ADDRESSES_TIMEOUT_MS, (signal) =>
        Promise.all([lookUp(resolver, name, "A", signal), lookUp(resolver, name, "AAAA", signal)]),
      );
      if (!isAnswer(four) || !isAnswer(six)) return undefined;
      return [...four.records, ...six.records];
    } catch {
      return undefined;
    }
  };
}

function isAnswer(lookup: Lookup | undefined): lookup is Lookup {
  return lookup?.code === NO_ERROR || lookup?.code === NO_SUCH_NAME;
}

export const probeDns: Probe<"dns"> = async ({ target, timeoutMs }) => {
  const beganAt = Date.now();
  try {
    const lookup = await within(timeoutMs, (signal) => lookUp(target.resolver, target.name, target.type, signal));
    if (!lookup) return unable("could not be asked: the resolver gave no answer that can be read");
    const totalMs = Date.now() - beganAt;
    const phases = { connectMs: null, firstByteMs: totalMs, totalMs };
    return judged(lookup, target, phases);
  } catch (error) {
    // The resolver is who tells, not what is looked at.
    if (error instanceof TimeUp)
      return unable(`could not be asked: the resolver did not answer within ${responseTime(timeoutMs)}`);
    throw error;
  }
};

function judged({ code, records }: Lookup, { type, expect }: { type: DnsType; expect: string[] }, phases: Phases) {
  if (code === NO_SUCH_NAME) return failed("name", "knows no such name (NXDOMAIN)", phases);
  if (code !== NO_ERROR) return failed("name", `answered with an error (${CODES[code] ?? `code ${code}`})`, phases);
  if (records.length === 0) return failed("name", `has no ${type} record`, phases);
  const known = new Set(records.map((record) => record.toLowerCase()));
  const missing = expect.find((wanted) => !known.has(plain(wanted).toLowerCase()));
  if (missing !== undefined) {
    return failed("content", `lacks ${quoted(missing)}: it answered ${quoted(records.join(", "))}`, phases);
  }
  return {
    kind: "good" as const,
    words: `answered ${quoted(records.join(", "))} in ${responseTime(phases.totalMs)}`,
    phases,
  };
}
