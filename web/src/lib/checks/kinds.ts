import { CHECK_KINDS, type CheckKind } from "../../../../contract/check-kinds.ts";
import type { ShownTarget } from "../../../../contract/checks.ts";
import { formatSpan } from "./span.ts";

/** What each kind is called, and what a check of it tells. */
export const KIND_WORDS: Record<CheckKind, { label: string; tells: string }> = {
  http: {
    label: "HTTP",
    tells: "A page or an API answers as it should: the status, and if you like a word of it or a value of its JSON.",
  },
  tcp: { label: "TCP", tells: "A port takes connections: a database, SSH, mail." },
  tls: { label: "TLS certificate", tells: "A certificate is good, and does not end within the next days." },
  dns: { label: "DNS", tells: "A name resolves, and to what you expect." },
  heartbeat: {
    label: "Heartbeat",
    tells: "A job calls Nephos when it is done: a backup, a cron job. You hear of it when the call does not come.",
  },
};

export const KIND_OPTIONS = CHECK_KINDS.map((value) => ({ value, label: KIND_WORDS[value].label }));

/** What is looked at, in one line. */
export function targetInWords(target: ShownTarget): string {
  switch (target.kind) {
    case "http":
      return `${target.method === "GET" ? "" : `${target.method} `}${target.url}`;
    case "tcp":
      return hostAndPort(target.host, target.port);
    case "tls":
      return target.port === 443 ? target.host : hostAndPort(target.host, target.port);
    case "dns":
      return `${target.type} ${target.name}`;
    case "heartbeat":
      return `every ${formatSpan(target.periodMs)}, at most ${formatSpan(target.graceMs)} late`;
  }
}

function hostAndPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

export function checkHref(id: string): `/checks/${string}` {
  return `/checks/${encodeURIComponent(id)}`;
}
