import { json, Receiver, text, type Asked, type Reply } from "./receiver.ts";

const ROUTING_KEY = "0123456789abcdef0123456789abcdef";

interface Event {
  routing_key?: string;
  event_action?: string;
  dedup_key?: string;
  client?: string;
  client_url?: string;
  links?: { href: string; text: string }[];
  payload?: {
    summary?: string;
    source?: string;
    severity?: string;
    timestamp?: string;
    custom_details?: Record<string, string>;
  };
}

/** PagerDuty's Events API v2: alerts by their key. */
export class PagerDutyReceiver extends Receiver {
  readonly #open = new Set<string>();

  get config() {
    return { routingKey: ROUTING_KEY, endpoint: this.url };
  }

  protected answer(asked: Asked): Reply {
    if (asked.url.pathname !== "/v2/enqueue") return text("Not Found", 404);
    const bytes = Buffer.byteLength(asked.body);
    if (bytes > 512 * 1_024) return text("Request Entity Too Large", 413);
    const event = JSON.parse(asked.body) as Event;
    if (event.routing_key !== ROUTING_KEY) return this.refusal();
    const { event_action, dedup_key = "", payload, links = [], client_url = null } = event;
    const before = this.complaints.length;
    this.expect(["trigger", "acknowledge", "resolve"].includes(event_action ?? ""), `event_action ${event_action}`);
    this.atMost("dedup_key", dedup_key, 255);
    if (event_action === "trigger") {
      this.atMost("summary", payload?.summary, 1_024);
      this.atMost("source", payload?.source, 255);
      this.expect(["critical", "error", "warning", "info"].includes(payload?.severity ?? ""), `${payload?.severity}`);
      this.expect(!Number.isNaN(Date.parse(payload?.timestamp ?? "")), "timestamp is none");
      this.expect(
        links.every(({ href }) => URL.canParse(href)),
        "a link leads nowhere",
      );
    }
    if (this.complaints.length > before) return invalid(this.complaints.slice(before));
    if (event_action === "resolve") this.#open.delete(dedup_key);
    else this.#open.add(dedup_key);
    this.take(asked, event, {
      action: event_action === "resolve" ? "resolved" : "told",
      about: dedup_key,
      id: payload?.custom_details?.["message"] ?? dedup_key,
      read: [payload?.summary, ...Object.entries(payload?.custom_details ?? {}).flat()].join("\n"),
      link: client_url,
    });
    return json({ status: "success", message: "Event processed", dedup_key }, 202);
  }

  protected refusal = () => invalid(["Length of 'routing_key' is incorrect (should be 32 characters)"]);
  protected gone = () => invalid(["'routing_key' is not known"]);
  protected tooOften = (seconds: number) => text("Rate limit exceeded", 429, { "retry-after": String(seconds) });
}

function invalid(errors: string[]): Reply {
  return json({ status: "invalid event", message: "Event object is invalid", errors }, 400);
}
