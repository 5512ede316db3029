import { type CheckKind, TARGET_DEFAULTS } from "../../../../contract/check-kinds.ts";
import type { NewCheck, TargetInput } from "../../../../contract/checks.ts";
import { CHECK_TIMEOUT_MAX_MS, CHECK_TIMEOUT_MIN_MS, INSTANCE_NAME_LENGTH_MAX } from "../../../../contract/limits.ts";
import type { DurationMs } from "../../../../contract/units.ts";
import type { CheckDraft } from "./draft.ts";
import { jsonValueOf } from "./json-value.ts";
import { formatSpan, parseSpan } from "./span.ts";
import { parseStatuses } from "./statuses.ts";

const OF_ALL = ["name", "instanceId", "tags"];
const OF_LOOKS = [...OF_ALL, "timeoutMs", "slowMs", "badMs", "regions"];

/** Where the form has a place to say what is wrong, by the names refusals have for it. */
export const FIELDS: Record<CheckKind, readonly string[]> = {
  http: [...OF_LOOKS, ...["url", "expectStatus", "headers", "body", "keyword", "json"].map((name) => `target.${name}`)],
  tcp: [...OF_LOOKS, "target.host", "target.port"],
  tls: [...OF_LOOKS, "target.host", "target.port", "target.warnDays"],
  dns: [...OF_LOOKS, "target.name", "target.expect", "target.resolver"],
  heartbeat: [...OF_ALL, "target.periodMs", "target.graceMs"],
};

/** What is wrong, by field. `missing` is not worth a word before somebody tries to save. */
export class Faults {
  readonly wrong: Partial<Record<string, string>> = {};
  readonly missing: Partial<Record<string, string>> = {};

  get any(): boolean {
    return Object.keys(this.wrong).length + Object.keys(this.missing).length > 0;
  }

  required(field: string, typed: string, words: string): string {
    if (typed.trim() === "") this.missing[field] = words;
    return typed.trim();
  }

  span(field: string, typed: string, min: DurationMs, max: DurationMs): DurationMs {
    const span = parseSpan(typed);
    if (span === undefined) this.wrong[field] = "A time such as 800 ms, 5 s, 10 min, 1 d.";
    else if (span < min || span > max) this.wrong[field] = `From ${formatSpan(min)} to ${formatSpan(max)}.`;
    return span ?? min;
  }

  whole(field: string, typed: string, min: number, max: number): number {
    const number = Number(typed.trim());
    if (typed.trim() === "") this.missing[field] = `A number from ${min} to ${max.toLocaleString("en")}.`;
    else if (!Number.isInteger(number) || number < min || number > max)
      this.wrong[field] = `A whole number from ${min} to ${max.toLocaleString("en")}.`;
    return number;
  }
}

export type Sent = Omit<NewCheck, "target" | "isPaused"> & { target: TargetInput };

/** What was typed as it would be sent, and what is wrong with it. `instances` are those there are, to find one by name. */
export function checked(
  draft: CheckDraft,
  instances: readonly { id: string; name: string }[],
): { sent: Sent; faults: Faults } {
  const faults = new Faults();
  const timeoutMs = faults.span("timeoutMs", draft.timeout, CHECK_TIMEOUT_MIN_MS, CHECK_TIMEOUT_MAX_MS);
  const slowMs = faults.span("slowMs", draft.slow, 1, CHECK_TIMEOUT_MAX_MS);
  const badMs = faults.span("badMs", draft.bad, 1, CHECK_TIMEOUT_MAX_MS);
  if (!faults.wrong["slowMs"] && !faults.wrong["badMs"] && badMs < slowMs)
    faults.wrong["badMs"] = "It must not be less than “slow”.";
  if (draft.regions?.length === 0) faults.wrong["regions"] = "At least one region.";
  const target = targetOf(faults, draft);
  // A target that is not whole yet has no name to lend: what is wrong with it is said first.
  const isTargetAmiss = Object.keys({ ...faults.wrong, ...faults.missing }).some((field) =>
    field.startsWith("target."),
  );
  const name = (draft.name.trim() || suggestedName(draft)).slice(0, INSTANCE_NAME_LENGTH_MAX);
  const sent = {
    name: isTargetAmiss ? name : faults.required("name", name, "A name, please: it is how you find the check again."),
    instanceId: instanceIdOf(faults, draft.instance, instances),
    tags: [...draft.tags],
    intervalMs: Number(draft.interval),
    timeoutMs,
    slowMs,
    badMs,
    regions: draft.regions && [...draft.regions],
    target,
  };
  return { sent, faults };
}

/** What it is called where nobody names it: what it looks at, without what goes without saying. */
export function suggestedName({ kind, url, host, port, dnsName, dnsType }: CheckDraft): string {
  switch (kind) {
    case "http":
      return /^https?:\/\/[^\s/]/i.test(url.trim())
        ? url
            .trim()
            .replace(/^https?:\/\/([^/@]*@)?/i, "")
            .replace(/[?#].*$/, "")
            .replace(/\/$/, "")
        : "";
    case "tcp":
      return host.trim() && port.trim() ? `${host.trim()}:${port.trim()}` : "";
    case "tls":
      return host.trim() && `${host.trim()} certificate`;
    case "dns":
      return dnsName.trim() && `${dnsName.trim()} ${dnsType}`;
    case "heartbeat":
      return "";
  }
}

function instanceIdOf(faults: Faults, typed: string, instances: readonly { id: string; name: string }[]) {
  const wanted = typed.trim();
  if (wanted === "") return null;
  const byId = instances.find(({ id }) => id === wanted);
  if (byId) return byId.id;
  const named = instances.filter(({ name }) => name === wanted);
  if (named.length === 0) faults.wrong["instanceId"] = "No instance is called that.";
  if (named.length > 1)
    faults.wrong["instanceId"] = `Several are called that. Their ids: ${named.map(({ id }) => id).join(", ")}.`;
  return named[0]?.id ?? null;
}

function targetOf(faults: Faults, draft: CheckDraft): TargetInput {
  switch (draft.kind) {
    case "http":
      return httpTargetOf(faults, draft);
    case "tcp":
      return { kind: "tcp", ...placeOf(faults, draft, draft.port) };
    case "tls":
      return {
        kind: "tls",
        ...placeOf(faults, draft, draft.port.trim() || String(TARGET_DEFAULTS.tls.port)),
        warnDays: faults.whole("target.warnDays", draft.warnDays, 1, 365),
      };
    case "dns":
      return {
        kind: "dns",
        name: faults.required("target.name", draft.dnsName, "The name to resolve."),
        type: draft.dnsType,
        expect: linesOf(draft.dnsExpect),
        resolver: draft.resolver.trim() || TARGET_DEFAULTS.dns.resolver,
      };
    case "heartbeat":
      return {
        kind: "heartbeat",
        periodMs: faults.span("target.periodMs", draft.period, 60_000, 31 * 86_400_000),
        graceMs: faults.span("target.graceMs", draft.grace, 30_000, 7 * 86_400_000),
      };
  }
}

function placeOf(faults: Faults, { host }: CheckDraft, port: string) {
  return {
    host: faults.required("target.host", host, "A hostname or an address."),
    port: faults.whole("target.port", port, 1, 65_535),
  };
}

function httpTargetOf(faults: Faults, draft: CheckDraft): TargetInput {
  const url = faults.required("target.url", draft.url, "An address that begins with https:// or http://.");
  if (url !== "" && !/^https?:\/\/[^\s/]/i.test(url))
    faults.wrong["target.url"] = "It must begin with https:// or http://.";
  const statuses = parseStatuses(draft.statuses);
  if ("problem" in statuses) faults.wrong["target.expectStatus"] = statuses.problem;
  if (draft.headers?.some(({ name, value }) => name.trim() === "" && value !== ""))
    faults.missing["target.headers"] = "Every header has a name.";
  if (draft.jsonPath.trim() === "" && draft.jsonEquals.trim() !== "")
    faults.wrong["target.json"] = "The path to the value, such as status or data.items[0].ok.";
  const headers = draft.headers?.filter(({ name }) => name.trim() !== "");
  return {
    kind: "http",
    url,
    method: draft.method,
    ...(headers ? { headers: headers.map(({ name, value }) => ({ name: name.trim(), value: value.trim() })) } : {}),
    body: draft.body === "" ? null : draft.body,
    expectStatus: "ranges" in statuses ? statuses.ranges : [],
    keyword: draft.keyword === "" ? null : { text: draft.keyword, isAbsent: draft.keywordMust === "notOccur" },
    json: jsonOf(draft),
    redirects: draft.redirects,
  };
}

function jsonOf({ jsonPath, jsonEquals }: CheckDraft) {
  const path = jsonPath.trim();
  if (path === "") return null;
  return jsonEquals.trim() === "" ? { path } : { path, equals: jsonValueOf(jsonEquals) };
}

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}
