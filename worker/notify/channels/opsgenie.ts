import { z } from "zod";
import type { Channel, ChannelProblem } from "../channel.ts";
import { baseOf, fitted, laidOut } from "../fit.ts";
import type { Message } from "../message.ts";
import { permanent, refusedFor, replyTo, said, type Reply } from "../reply.ts";

const NAME = "Opsgenie";
const MESSAGE_MAX = 130;
const ALIAS_MAX = 512;
const DESCRIPTION_MAX = 15_000;
const NOTE_MAX = 25_000;
const SITES = { us: "https://api.opsgenie.com", eu: "https://api.eu.opsgenie.com" };

const US = { source: "Nephos", user: "Nephos" };

const takenSchema = z.object({ requestId: z.string().min(1) });
const problemSchema = z.object({ message: z.string().catch("") });

/** https://docs.opsgenie.com/docs/alert-api; Jira Service Management speaks the same. */
export const opsgenie: Channel<"opsgenie"> = {
  keepsIncidents: true,
  async send(message, config, surroundings) {
    const alerts = `${baseOf(config.endpoint, SITES[config.site])}/v2/alerts`;
    const alias = (message.incidentId ?? message.id).slice(0, ALIAS_MAX);
    const ask = async (method: "POST" | "PUT", url: string, body: object) => {
      const reply = await replyTo(surroundings, NAME, url, {
        method,
        headers: { authorization: `GenieKey ${config.apiKey}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      const taken = reply.status === 202 ? takenSchema.safeParse(reply.json).data : undefined;
      if (!taken) throw problemOf(reply);
      return said(taken.requestId);
    };
    const own = (what: string) => `${alerts}/${encodeURIComponent(alias)}/${what}?identifierType=alias`;
    const close = () =>
      ask("POST", own("close"), { ...US, note: fitted(`${message.subject}\n${message.summary}`, NOTE_MAX) });
    if (message.isResolved) return `closing it was taken as ${await close()}`;
    const alert = alertOf(message, alias);
    const taken = await ask("POST", alerts, { ...US, ...alert });
    if (message.kind === "worsened" || message.kind === "reopened") {
      // Of an alert that is open, the above counts that it has come again, and changes nothing.
      await ask("PUT", own("priority"), { priority: alert.priority });
      await ask("PUT", own("message"), { message: alert.message });
    }
    if (message.kind !== "test") return `taken as ${taken}`;
    await close();
    return `taken as ${taken}, and closed again`;
  },
};

function alertOf(message: Message, alias: string) {
  const { id, kind, severity, subject, summary, facts, advice, url } = message;
  const parts = {
    head: [fitted(subject, 500), fitted(summary, 4_000)],
    facts: facts.map(([label, value]) => `${fitted(label, 100)}: ${fitted(value, 1_000)}`),
    foot: [...(advice === null ? [] : [fitted(advice, 4_000)]), url],
  };
  return {
    message: fitted(subject, MESSAGE_MAX),
    alias,
    description: laidOut(parts, DESCRIPTION_MAX),
    tags: ["nephos", severity],
    details: { url, message: id },
    priority: kind === "test" ? "P5" : severity === "critical" ? "P1" : "P3",
  };
}

function problemOf(reply: Reply): ChannelProblem {
  const { status } = reply;
  const why = said(problemSchema.safeParse(reply.json).data?.message);
  if (status === 401 || status === 403) {
    return permanent(
      `Opsgenie does not accept the API key (${why || status}). Take the key of an API integration that may create and close alerts, and look whether the account is in the US or in the EU.`,
    );
  }
  if (status === 402 || status === 410) {
    return permanent(
      `Opsgenie no longer serves this account (${why || status}). Look at its plan, or use another channel.`,
    );
  }
  return refusedFor(NAME, reply, why);
}
