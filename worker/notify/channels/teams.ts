import { z } from "zod";
import type { Channel, ChannelProblem } from "../channel.ts";
import { bytesOf, fitted, signOf } from "../fit.ts";
import type { Message } from "../message.ts";
import { passing, permanent, refusedFor, replyTo, said, type Reply } from "../reply.ts";

const NAME = "Microsoft Teams";
/** Teams takes 28 KB; the rest is for what a workflow adds. */
const BODY_BYTES_MAX = 26_000;

const problemSchema = z.object({ error: z.object({ code: z.string().catch(""), message: z.string().catch("") }) });

/** A workflow that begins with "When a Teams webhook request is received": it takes a message of Adaptive Cards. */
export const teams: Channel<"teams"> = {
  async send(message, config, surroundings) {
    const reply = await replyTo(surroundings, NAME, config.url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        // What the run is called in the workflow's own log.
        "x-ms-client-tracking-id": encodeURIComponent(message.id).slice(0, 128),
      },
      body: bodyOf(message),
    });
    // The connectors that were before workflows say `200` to everything, and in words what came of it.
    if (/delivery failed/i.test(reply.text)) throw passing(`Microsoft Teams did not take it (${said(reply.text)}).`);
    if (reply.status !== 200 && reply.status !== 202) throw problemOf(reply);
    const run = said(reply.headers.get("x-ms-workflow-run-id"));
    return run === "" ? `taken (${reply.status})` : `taken as run ${run}`;
  },
};

/** As many facts as fit. */
function bodyOf(message: Message): string {
  let shown = message.facts.length;
  for (;;) {
    const body = JSON.stringify({
      type: "message",
      attachments: [
        { contentType: "application/vnd.microsoft.card.adaptive", contentUrl: null, content: cardOf(message, shown) },
      ],
    });
    const over = bytesOf(body) - BODY_BYTES_MAX;
    if (over <= 0 || shown === 0) return body;
    shown = Math.max(0, shown - Math.ceil(over / 2_000));
  }
}

function cardOf(message: Message, shown: number) {
  const { subject, summary, facts, advice, url, severity, isResolved } = message;
  const left = facts.length - shown;
  return {
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    type: "AdaptiveCard",
    version: "1.4",
    fallbackText: subject,
    msteams: { width: "Full" },
    body: [
      line([
        { text: `${signOf(message)} ` },
        {
          text: subject,
          weight: "Bolder",
          size: "Medium",
          color: isResolved ? "Good" : severity === "critical" ? "Attention" : "Warning",
        },
      ]),
      line([{ text: fitted(summary, 2_000) }]),
      ...facts
        .slice(0, shown)
        .map(([label, value], index) =>
          line(
            [{ text: `${fitted(label, 100)}  `, weight: "Bolder" }, { text: fitted(value, 500) }],
            index === 0 ? "Default" : "None",
          ),
        ),
      ...(left > 0 ? [line([{ text: `… and ${left} more`, isSubtle: true }])] : []),
      ...(advice === null ? [] : [line([{ text: fitted(advice, 2_000), isSubtle: true }])]),
    ],
    actions: [{ type: "Action.OpenUrl", title: "Open in Nephos", url }],
  };
}

/** Runs of text: other than a TextBlock and a Fact, they have no Markdown. */
function line(runs: object[], spacing = "Default") {
  return { type: "RichTextBlock", spacing, inlines: runs.map((run) => ({ type: "TextRun", ...run })) };
}

/** By the codes of Power Automate. */
function problemOf(reply: Reply): ChannelProblem {
  const { status } = reply;
  const { code = "", message = "" } = problemSchema.safeParse(reply.json).data?.error ?? {};
  const why = [code, said(message)].filter(Boolean).join(", ");
  if (code === "WorkflowTriggerIsNotEnabled" || code === "WorkflowDisabled") {
    return permanent(
      `The workflow behind this address is switched off or deleted (${code}). Switch it on in the Workflows app of Teams, or make a new one and enter its address.`,
    );
  }
  if (status === 401 || status === 403) {
    return permanent(
      `The workflow does not let it in (${why || status}). Copy the whole address from the workflow again; its trigger has to be open to anyone.`,
    );
  }
  if (status === 404 || status === 410) {
    return permanent(
      `There is no workflow at this address any more (${why || status}). Make a new one in the Workflows app of Teams, and enter its address.`,
    );
  }
  return refusedFor(NAME, reply, why);
}
