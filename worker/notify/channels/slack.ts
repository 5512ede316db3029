import type { Channel, ChannelProblem } from "../channel.ts";
import { fitted, signOf } from "../fit.ts";
import type { Message } from "../message.ts";
import { permanent, refusedFor, replyTo, said, type Reply } from "../reply.ts";

const NAME = "Slack";
/** Of a section's text; each of its fields may have 2,000. */
const TEXT_MAX = 3_000;
const FIELDS_PER_SECTION = 10;
const BLOCKS_MAX = 50;
const BLOCK_ID_MAX = 255;

/** https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
export const slack: Channel<"slack"> = {
  async send(message, config, surroundings) {
    const reply = await replyTo(surroundings, NAME, config.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        // What a phone's notification shows.
        text: `${signOf(message)} ${escaped(message.subject)}`,
        blocks: blocksOf(message),
        mrkdwn: false,
        unfurl_links: false,
        unfurl_media: false,
      }),
    });
    if (reply.status === 200 && reply.text.trim() === "ok") return "taken (ok)";
    throw problemOf(reply);
  },
};

function blocksOf(message: Message): object[] {
  const { id, subject, summary, facts, advice, url } = message;
  const fields = facts.map(([label, value]) =>
    words("", fitted(label, 200, { written: escaped }), fitted(value, 500, { written: escaped })),
  );
  const sections = Array.from({ length: Math.ceil(fields.length / FIELDS_PER_SECTION) }, (_, index) => ({
    type: "section",
    fields: fields.slice(index * FIELDS_PER_SECTION, (index + 1) * FIELDS_PER_SECTION),
  }));
  const head = words(`${signOf(message)} `, escaped(subject), fitted(summary, TEXT_MAX - 1_000, { written: escaped }));
  const foot = [
    ...(advice === null ? [] : [plain(fitted(advice, TEXT_MAX - 10, { written: escaped }))]),
    { type: "mrkdwn", text: `<${linkOf(url)}|Open in Nephos>`, verbatim: true },
  ].map((element) => ({ type: "context", elements: [element] }));
  return [
    { type: "section", block_id: id.slice(0, BLOCK_ID_MAX), text: head },
    ...sections.slice(0, BLOCKS_MAX - 1 - foot.length),
    ...foot,
  ];
}

/** A heading in bold over a text. Slack knows no way to escape its markup: where a name holds such signs, nothing is bold. */
function words(sign: string, heading: string, text: string) {
  if (/[*_~`]|:[\w+-]+:/.test(`${heading}\n${text}`)) return plain(`${sign}${heading}\n${text}`);
  // `verbatim`: nothing in a name becomes a mention or a link.
  return { type: "mrkdwn", text: `${sign}*${heading}*\n${text}`, verbatim: true };
}

function plain(text: string) {
  return { type: "plain_text", text, emoji: false };
}

/** The three signs that Slack gives a meaning of its own, `<!channel>` among it. */
function escaped(text: string): string {
  return text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]!);
}

function linkOf(url: string): string {
  return escaped(new URL(url).href).replaceAll("|", "%7C");
}

/** By the words in the body, which the page above lists. */
function problemOf(reply: Reply): ChannelProblem {
  const { status, text } = reply;
  const why = said(text);
  if (status === 410 || why === "channel_is_archived") {
    return permanent(
      `The Slack channel is archived (${why}). Choose another one in Slack, and enter its webhook's address.`,
    );
  }
  if (
    status === 404 ||
    status === 401 ||
    /^(no_service|no_active_hooks|no_team|team_disabled|invalid_token)/.test(why)
  ) {
    return permanent(
      `Slack does not know this webhook any more (${why || status}). Add a new one to the Slack app, under Incoming Webhooks, and enter its address.`,
    );
  }
  if (status === 403) {
    return permanent(
      `Slack does not let this webhook post (${why || status}). Somebody who runs the workspace has to allow it, or another channel.`,
    );
  }
  return refusedFor(NAME, reply, why);
}
