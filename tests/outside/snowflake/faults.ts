import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { Refusal } from "./refusal.ts";
import { refused } from "./statements.ts";
import { ROWS } from "./streaming.ts";
import type { SnowflakeFault } from "./told.ts";
import { HTML, json, type Answer, type Asked } from "./wire.ts";

/** How a request is called in orders and reports. */
export function nameOf({ method, url }: Asked): string {
  const { pathname } = url;
  if (pathname === "/api/v2/statements" || pathname === "/api/v2/statements/") return `${method} statements`;
  if (/^\/api\/v2\/statements\/[^/]+\/cancel$/.test(pathname)) return `${method} cancel`;
  if (/^\/api\/v2\/statements\/[^/]+$/.test(pathname)) return `${method} statements`;
  if (pathname === "/v2/streaming/hostname") return `${method} hostname`;
  if (pathname === "/oauth/token") return `${method} token`;
  if (ROWS.test(pathname)) return `${method} rows`;
  if (pathname === "/api/v2/cortex/inference:complete") return `${method} complete`;
  if (pathname === "/api/v2/cortex/models") return `${method} models`;
  return `${method} ${pathname}`;
}

/** What goes wrong, for so many requests. */
export class Faults {
  #fault: SnowflakeFault | null = null;

  set(fault: SnowflakeFault | null): void {
    this.#fault = fault;
  }

  /** What is wrong with the request that comes now. */
  next(name: string): Fault {
    const fault = this.#fault;
    if (!fault || (fault.on !== undefined && !name.includes(fault.on))) return new Fault(null);
    if (fault.times !== undefined && --fault.times <= 0) this.#fault = null;
    return new Fault(fault);
  }
}

/** What is wrong with one request. */
export class Fault {
  readonly #present: SnowflakeFault | null;

  constructor(present: SnowflakeFault | null) {
    this.#present = present;
  }

  /** How often a statement still answers that it runs. */
  get polls(): number {
    return this.#present?.kind === "slow" ? (this.#present.polls ?? 1) : 0;
  }

  /** What is answered and nothing done; undefined where all goes its way, null where nothing is answered. */
  instead(name: string): Answer | null | undefined {
    const { kind, status = 503, body = "", retryAfter } = this.#present ?? { kind: undefined };
    const after: Record<string, string> = retryAfter === undefined ? {} : { "retry-after": retryAfter };
    const isStreaming = name === "POST rows";
    switch (kind) {
      case "silent":
        return null;
      case "says":
        return json(status, body, after);
      case "failing":
        return { status, body: "<html>Service Unavailable</html>", headers: { "content-type": "text/html", ...after } };
      case "html":
        return HTML;
      case "too_often":
        return json(429, { code: isStreaming ? "TOO_MANY_REQUESTS" : "390505", message: "Too many requests." }, after);
      case "statement_times_out":
        return refused(
          new Refusal(
            408,
            "000630",
            "57014",
            "Statement reached its statement or warehouse timeout of 10 second(s) and was canceled.",
          ),
        );
      case "account_suspended":
        return refused(new Refusal(422, "000666", "57014", "Your account is suspended due to lack of payment method."));
      case "credits_spent":
        return refused(
          new Refusal(
            422,
            "090073",
            "22000",
            "Warehouse 'NEPHOS_WH' cannot be resumed because resource monitor 'NEPHOS_WH_MONITOR' has exceeded its quota.",
          ),
        );
      case "key_refused":
        return refused(new Refusal(401, "390144", "08001", `JWT token is invalid. [${randomUUID()}]`));
      case "expired":
        if (isStreaming) return json(401, { code: "UNAUTHENTICATED", message: "The token has expired." });
        return refused(new Refusal(401, "390318", "08001", "OAuth access token expired."));
      case "address_refused":
        return refused(
          new Refusal(
            403,
            "390422",
            "08001",
            "Incoming request with IP/Token 203.0.113.7 is not allowed to access Snowflake. Contact your account administrator.",
          ),
        );
      default:
        return undefined;
    }
  }

  send(answer: Answer | null, response: ServerResponse): void {
    if (answer === null) return;
    const kind = this.#present?.kind;
    if (kind === "lost") return void response.destroy();
    if (kind !== "cut") return void response.writeHead(answer.status, answer.headers).end(answer.body);
    const whole = Buffer.from(answer.body);
    response.writeHead(answer.status, { ...answer.headers, "content-length": whole.length });
    response.write(whole.subarray(0, whole.length >> 1), () => response.destroy());
  }
}
