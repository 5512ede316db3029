import { RULE_KIND_NAMES, type RuleKind, type Severity } from "../../contract/rule-kinds.ts";
import type { EpochMs } from "../../contract/units.ts";
import { DIGEST_NAMED_MAX } from "../settings.ts";
import { htmlOf } from "./compose-html.ts";
import { spanInWords } from "./duration-words.ts";
import { explanationOf } from "./explain.ts";
import type { Message } from "./message.ts";
import type { NotificationMessage, NotificationRow } from "./table.ts";

/** The words of a notification. Times are in UTC: nobody knows where it is read. */

/** Mail programs and telephones show hardly more of it. */
const SUBJECT_LENGTH_MAX = 150;
const NAMES_SHOWN_MAX = 20;

type Words = Pick<Message, "subject" | "summary" | "facts" | "advice" | "url"> & { linkWords: string };

/** `origin`: where this Nephos is, without a slash at its end. */
export function compose(row: NotificationRow, origin: string, now: EpochMs): Message {
  const words =
    row.kind === "digest"
      ? digest(row, origin)
      : row.kind === "trouble"
        ? trouble(row, origin, now)
        : incident(row, origin, now);
  const { severity, at } = row.message;
  return whole(words, {
    id: row.id,
    kind: row.kind,
    severity,
    isResolved: row.kind === "resolved" || isAllOver(row),
    incidentId: row.incidentId,
    at,
  });
}

/** Says that a channel works. */
export function testMessage(id: string, channelName: string, origin: string, now: EpochMs): Message {
  const words = {
    subject: subject("[Test] ", `${oneLine(channelName)} works`, ""),
    summary: "This is a test. Whoever reads it will hear of incidents here.",
    facts: [
      ["Channel", oneLine(channelName)],
      ["Sent", moment(now)],
    ] as const,
    advice: null,
    url: `${origin}/alerts/channels`,
    linkWords: "Open the channels",
  };
  return whole(words, { id, kind: "test", severity: "warning", isResolved: false, incidentId: null, at: now });
}

function incident(row: NotificationRow, origin: string, now: EpochMs): Words {
  const { message, kind } = row;
  const { severity, at, openedAt, ruleName, members, names, reason } = message;
  const title = oneLine(message.title);
  const isResolved = kind === "resolved";
  const since = kind === "reopened" ? at : openedAt;
  const lasted = spanInWords(at - openedAt);
  const place: [string, string] = isResolved
    ? [inThePast(title), isOfState(message) ? ` for ${lasted}` : `, over after ${lasted}`]
    : [title, sinceWords(message, since, now)];
  const facts: [string, string][] = [[isResolved ? "Now" : "Why", upper(oneLine(reason))]];
  if (isResolved) facts.push(["Lasted", lasted], ["From", moment(openedAt)], ["Until", moment(at)]);
  else facts.push(["Severity", upper(severity)], ["Since", moment(since)]);
  if (!isResolved && kind === "reopened") facts.push(["First", moment(openedAt)]);
  facts.push(["Rule", oneLine(ruleName)]);
  if (members > 1) facts.push([`Affected (${members})`, listed(names, members)]);
  return {
    subject: subject(`[${labelOf(row)}] `, ...place),
    summary: summaryOf(row, lasted, now),
    facts,
    advice: isResolved ? null : adviceOf(message),
    url: `${origin}/alerts/${encodeURIComponent(row.incidentId ?? "")}`,
    linkWords: "Open the incident",
  };
}

function summaryOf({ kind, message }: NotificationRow, lasted: string, now: EpochMs): string {
  const title = oneLine(message.title);
  const why = sentence(upper(oneLine(message.reason)));
  const { openedAt } = message;
  switch (kind) {
    case "resolved":
      return isOfState(message)
        ? `${inThePast(title)} for ${lasted}. ${why}`.trim()
        : `${sentence(title)} It is over after ${lasted}. ${why}`.trim();
    case "worsened":
      return `${sentence(title)} It is critical now. ${why}`.trim();
    case "reopened":
      return `${sentence(title)} It was over and has come back. ${why}`.trim();
    case "reminder":
      return `${sentence(title)} Nobody has acknowledged it for ${spanInWords(now - openedAt)}. ${why}`.trim();
    case "members":
      return `${sentence(title)} There are more of them now. ${why}`.trim();
    default:
      return `${sentence(title)} ${why}`.trim();
  }
}

function digest(row: NotificationRow, origin: string): Words {
  const { message } = row;
  const incidents = message.incidents ?? [];
  const rank = ({ isResolved, severity }: (typeof incidents)[number]) =>
    isResolved ? 2 : severity === "critical" ? 0 : 1;
  const named = incidents.toSorted((a, b) => rank(a) - rank(b)).slice(0, DIGEST_NAMED_MAX);
  const facts = named.map((one): [string, string] => {
    const title = oneLine(one.title);
    return one.isResolved ? ["Resolved", inThePast(title)] : [upper(one.severity), title];
  });
  const left = incidents.length - named.length;
  if (left > 0) facts.push(["More", `${left} that are not listed here`]);
  const isOver = isAllOver(row);
  return {
    subject: subject(
      `[${isOver ? "Resolved" : upper(message.severity)}] `,
      oneLine(message.title),
      ` since ${clock(message.openedAt, message.at)}`,
    ),
    summary: `${sentence(oneLine(message.title))} ${sentence(oneLine(message.reason))}`,
    facts,
    advice: isOver
      ? null
      : "When many fail at once, look for what they have in common: a region, a provider, a last change.",
    url: `${origin}/alerts`,
    linkWords: "Open all incidents",
  };
}

function trouble({ message }: NotificationRow, origin: string, now: EpochMs): Words {
  const title = oneLine(message.title);
  const isOne = message.members <= 1;
  return {
    subject: subject("[Channel] ", title, ` since ${clock(message.openedAt, now)}`),
    summary: `${sentence(title)} What ${isOne ? "it was" : "they were"} to tell waits or is kept under Channels.`,
    facts: [
      ["Why", oneLine(message.reason)],
      ["Since", moment(message.openedAt)],
    ],
    advice: isOne
      ? "Repair the channel and send a test; then try again what is parked there."
      : "Where they fail at once, look for what they have in common; then send a test through each.",
    url: `${origin}/alerts/channels`,
    linkWords: "Open the channels",
  };
}

function whole(
  { linkWords, ...words }: Words,
  about: Pick<Message, "id" | "kind" | "severity" | "isResolved" | "incidentId" | "at">,
): Message {
  const tone = about.isResolved ? "resolved" : about.kind === "test" ? "test" : about.severity;
  return { ...about, ...words, text: textOf(words, linkWords), html: htmlOf({ ...words, tone, linkWords }) };
}

function textOf({ summary, facts, advice, url }: Omit<Words, "linkWords">, linkWords: string): string {
  const lines = facts.map(([label, value]) => `${label}: ${value}`);
  return [
    summary,
    lines.join("\n"),
    ...(advice === null ? [] : [`What to look at: ${advice}`]),
    `${linkWords}: ${url}`,
  ].join("\n\n");
}

function labelOf({ kind, message: { severity } }: NotificationRow): string {
  switch (kind) {
    case "resolved":
      return "Resolved";
    case "worsened":
      return `Now ${severity}`;
    case "reminder":
      return `Still ${severity}`;
    case "reopened":
      return `${upper(severity)} again`;
    default:
      return upper(severity);
  }
}

/** Its title says a state that lasts: `web-1 is down`. */
function isOfState({ ruleKind }: NotificationMessage): boolean {
  return ["verdict", "silence", "provider"].includes(ruleKind);
}

function sinceWords(message: NotificationMessage, since: EpochMs, now: EpochMs): string {
  if (message.ruleKind === "reboot") return ` at ${clock(since, now)}`;
  return `${isOfState(message) ? "" : ","} since ${clock(since, now)}`;
}

function inThePast(title: string): string {
  return title
    .replace(/ is (?=(down|degraded|silent|stopped|impaired)\b)/, " was ")
    .replace(/ are (?=(down|silent|not well)\b)/, " were ");
}

function adviceOf({ ruleKind, metric = null, severity }: NotificationMessage): string | null {
  if (!RULE_KIND_NAMES.includes(ruleKind as RuleKind)) return null;
  // Of a value that nobody names there is nothing to be said that helps.
  if (metric === null && (ruleKind === "metric" || ruleKind === "change")) return null;
  return explanationOf(ruleKind as RuleKind, metric, severity).lookAt[0] ?? null;
}

function isAllOver({ kind, message: { incidents = [] } }: NotificationRow): boolean {
  return kind === "digest" && incidents.length > 0 && incidents.every(({ isResolved }) => isResolved);
}

/** What is in the middle is cut where all is too long. */
function subject(label: string, title: string, end: string): string {
  const room = SUBJECT_LENGTH_MAX - label.length - end.length;
  return `${label}${shortened(title, room)}${end}`;
}

function shortened(text: string, max: number): string {
  if (text.length <= max) return text;
  // By whole characters: half of one is shown as a question mark.
  let kept = "";
  for (const character of text) {
    if (kept.length + character.length > max - 1) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}

function listed(names: readonly string[], members: number): string {
  const shown = names.slice(0, NAMES_SHOWN_MAX).map(oneLine);
  const left = members - shown.length;
  return left > 0 ? `${shown.join(", ")} and ${left} more` : shown.join(", ");
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `26 Nov 2026, 14:05 UTC`. */
function moment(at: EpochMs): string {
  const date = new Date(at);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}, ${time(date)}`;
}

/** `14:05 UTC`, or with its day where that is another one than now. */
function clock(at: EpochMs, now: EpochMs): string {
  const date = new Date(at);
  const isToday = Math.floor(at / 86_400_000) === Math.floor(now / 86_400_000);
  return isToday ? time(date) : `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}, ${time(date)}`;
}

function time(date: Date): string {
  return `${date.toISOString().slice(11, 16)} UTC`;
}

/** Signs that turn the direction of what follows would have a name read as another. */
function oneLine(text: string): string {
  return text
    .replace(/\p{Bidi_Control}/gu, "")
    .replace(/[\s\p{Cc}\u2028\u2029]+/gu, " ")
    .trim();
}

function upper(text: Severity | string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function sentence(text: string): string {
  return text === "" || /[.?…]$/.test(text) ? text : `${text}.`;
}
