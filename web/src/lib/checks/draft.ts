import {
  CHECK_DEFAULTS,
  type CheckKind,
  type DNS_TYPES,
  type HTTP_METHODS,
  TARGET_DEFAULTS,
} from "../../../../contract/check-kinds.ts";
import type { Check } from "../../../../contract/checks.ts";
import type { Region } from "../../../../contract/regions.ts";
import type { DurationMs } from "../../../../contract/units.ts";
import { typedJson } from "./json-value.ts";
import { formatSpan } from "./span.ts";
import { formatStatuses } from "./statuses.ts";

/** A check as it is typed. What another kind would ask for is kept beside it, so that a look at it loses nothing. */
export interface CheckDraft {
  kind: CheckKind;
  name: string;
  /** An instance's name or id. */
  instance: string;
  tags: string[];
  url: string;
  method: (typeof HTTP_METHODS)[number];
  /** Null: those it has stay, whose values nobody is shown. */
  headers: { name: string; value: string }[] | null;
  body: string;
  statuses: string;
  keyword: string;
  keywordMust: "occur" | "notOccur";
  jsonPath: string;
  jsonEquals: string;
  redirects: "follow" | "manual";
  host: string;
  port: string;
  warnDays: string;
  dnsName: string;
  dnsType: (typeof DNS_TYPES)[number];
  dnsExpect: string;
  resolver: string;
  period: string;
  grace: string;
  /** Milliseconds, as the list of choices has them. */
  interval: string;
  timeout: string;
  slow: string;
  bad: string;
  /** Null: from where the settings say. */
  regions: Region[] | null;
}

const EMPTY: CheckDraft = {
  kind: "http",
  name: "",
  instance: "",
  tags: [],
  url: "",
  method: TARGET_DEFAULTS.http.method,
  headers: [],
  body: "",
  statuses: "200-399",
  keyword: "",
  keywordMust: "occur",
  jsonPath: "",
  jsonEquals: "",
  redirects: TARGET_DEFAULTS.http.redirects,
  host: "",
  port: "",
  warnDays: String(TARGET_DEFAULTS.tls.warnDays),
  dnsName: "",
  dnsType: TARGET_DEFAULTS.dns.type,
  dnsExpect: "",
  resolver: TARGET_DEFAULTS.dns.resolver,
  period: "1 d",
  grace: "1 h",
  interval: String(CHECK_DEFAULTS.intervalMs),
  timeout: formatSpan(CHECK_DEFAULTS.timeoutMs),
  slow: formatSpan(CHECK_DEFAULTS.slowMs),
  bad: formatSpan(CHECK_DEFAULTS.badMs),
  regions: null,
};

export function newDraft(instance = ""): CheckDraft {
  return { ...EMPTY, instance };
}

/** A check that exists, to be changed. */
export function draftOf(check: Check): CheckDraft {
  const { name, tags, target, intervalMs, timeoutMs, slowMs, badMs, regions } = check;
  return {
    ...EMPTY,
    kind: target.kind,
    name,
    tags: [...tags],
    instance: check.instanceName ?? check.instanceId ?? "",
    interval: String(intervalMs),
    timeout: formatSpan(timeoutMs),
    slow: formatSpan(slowMs),
    bad: formatSpan(badMs),
    regions: regions && [...regions],
    ...typedTarget(target),
  };
}

function typedTarget(target: Check["target"]): Partial<CheckDraft> {
  switch (target.kind) {
    case "http":
      return {
        url: target.url,
        method: target.method,
        headers: target.headerNames.length > 0 ? null : [],
        body: target.body ?? "",
        statuses: formatStatuses(target.expectStatus),
        keyword: target.keyword?.text ?? "",
        keywordMust: target.keyword?.isAbsent ? "notOccur" : "occur",
        jsonPath: target.json?.path ?? "",
        jsonEquals: target.json?.equals === undefined ? "" : typedJson(target.json.equals),
        redirects: target.redirects,
      };
    case "tcp":
      return { host: target.host, port: String(target.port) };
    case "tls":
      return { host: target.host, port: String(target.port), warnDays: String(target.warnDays) };
    case "dns":
      return {
        dnsName: target.name,
        dnsType: target.type,
        dnsExpect: target.expect.join("\n"),
        resolver: target.resolver,
      };
    case "heartbeat":
      return { period: formatSpan(target.periodMs), grace: formatSpan(target.graceMs) };
  }
}

const INTERVALS: readonly DurationMs[] = [30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000];

/** How often it may look; what an API call chose in between stays to be chosen. */
export function intervalOptions(current: string): { value: string; label: string }[] {
  const all = new Set([...INTERVALS, Number(current)]);
  return [...all].sort((a, b) => a - b).map((ms) => ({ value: String(ms), label: formatSpan(ms) }));
}

/** Whether something of the folded part is not as usual: it is then shown at once. */
export function isUnusual(draft: CheckDraft): boolean {
  const usual: (keyof CheckDraft)[] = [
    "method",
    "body",
    "statuses",
    "keyword",
    "jsonPath",
    "redirects",
    "resolver",
    "timeout",
    "slow",
    "bad",
    "regions",
  ];
  return draft.headers === null || draft.headers.length > 0 || usual.some((field) => draft[field] !== EMPTY[field]);
}
