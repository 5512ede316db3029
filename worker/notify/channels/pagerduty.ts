import { z } from "zod";
import type { Channel, ChannelProblem, Surroundings } from "../channel.ts";
import { baseOf, fitted } from "../fit.ts";
import type { Message } from "../message.ts";
import { permanent, refusedFor, replyTo, said, type Reply } from "../reply.ts";

const NAME = "PagerDuty";
const DEDUP_KEY_MAX = 255;
const SUMMARY_MAX = 1_024;

const takenSchema = z.object({ status: z.literal("success"), dedup_key: z.string() });
const problemSchema = z.object({
  status: z.string().catch(""),
  message: z.string().catch(""),
  errors: z.array(z.string()).catch([]),
});

/** Events API v2: https://developer.pagerduty.com/docs/send-alert-event */
export const pagerduty: Channel<"pagerduty"> = {
  keepsIncidents: true,
  async send(message, config, surroundings) {
    const url = `${baseOf(config.endpoint, "https://events.pagerduty.com")}/v2/enqueue`;
    const event = {
      routing_key: config.routingKey,
      // The same for an incident as long as it is one: PagerDuty joins what has the same key.
      dedup_key: (message.incidentId ?? message.id).slice(0, DEDUP_KEY_MAX),
    };
    const enqueue = (action: object) => enqueued(surroundings, url, { ...event, ...action });
    const resolve = { event_action: "resolve" };
    if (message.isResolved) return `resolved ${await enqueue(resolve)}`;
    const key = await enqueue({ event_action: "trigger", ...triggerOf(message) });
    if (message.kind !== "test") return `taken as ${key}`;
    await enqueue(resolve);
    return `taken as ${key}, and resolved again`;
  },
};

async function enqueued(surroundings: Surroundings, url: string, event: object): Promise<string> {
  const reply = await replyTo(surroundings, NAME, url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(event),
  });
  const taken = reply.status === 202 ? takenSchema.safeParse(reply.json).data : undefined;
  if (!taken) throw problemOf(reply);
  return said(taken.dedup_key);
}

function triggerOf(message: Message) {
  const { id, kind, severity, subject, summary, facts, advice, url, at } = message;
  return {
    client: "Nephos",
    client_url: url,
    links: [{ href: url, text: "Open in Nephos" }],
    payload: {
      summary: fitted(subject, SUMMARY_MAX),
      source: new URL(url).host,
      severity: kind === "test" ? "info" : severity,
      timestamp: new Date(at).toISOString(),
      custom_details: {
        summary: fitted(summary, 2_000),
        ...details(facts),
        ...(advice !== null && { "what to look at": fitted(advice, 2_000) }),
        message: id,
      },
    },
  };
}

/** A label that comes twice keeps both values. */
function details(facts: Message["facts"]): Record<string, string> {
  const values = Map.groupBy(facts, ([label]) => fitted(label, 100));
  return Object.fromEntries(
    [...values].map(([label, all]) => [label, all.map(([, value]) => fitted(value, 1_000)).join("; ")]),
  );
}

function problemOf(reply: Reply): ChannelProblem {
  const { status } = reply;
  const { message = "", errors = [] } = problemSchema.safeParse(reply.json).data ?? {};
  const why = said([message, ...errors].filter(Boolean).join(", "));
  if (status === 401 || status === 403 || (status === 400 && /routing.?key/i.test(why))) {
    return permanent(
      `PagerDuty does not accept the integration key (${why || status}). Copy it from the service, under Integrations, Events API V2, and enter it anew. For an account in Europe, enter https://events.eu.pagerduty.com as the API's address.`,
    );
  }
  return refusedFor(NAME, reply, why);
}
