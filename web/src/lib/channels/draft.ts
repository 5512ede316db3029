import type { ChannelKind } from "../../../../contract/channel-kinds.ts";
import type { Channel, NewChannel } from "../../../../contract/channels.ts";
import { INSTANCE_NAME_LENGTH_MAX } from "../../../../contract/limits.ts";
import type { SubjectScope } from "../../../../contract/rules.ts";
import type { Severity } from "../../../../contract/rule-kinds.ts";
import { Faults } from "../checks/checked.ts";
import { formatSpan } from "../checks/span.ts";
import { copyOf, WHOLE } from "../scope/scope.ts";
import { newWeekly, type WeeklyDraft, weeklyDraftOf, weeklyTyped } from "../silences/weekly.ts";
import { CHANNEL_FIELDS, type ChannelField } from "./fields.ts";

/** A channel as it is typed. What another kind would ask for is kept beside it, so that a look at it loses nothing. */
export interface ChannelDraft {
  kind: ChannelKind;
  name: string;
  isEnabled: boolean;
  /** By the names of the fields. Secrets of a channel that exists are empty: nobody is shown them. */
  config: Record<string, string>;
  minSeverity: Severity;
  scope: SubjectScope;
  after: string;
  repeat: string;
  isQuiet: boolean;
  quiet: WeeklyDraft;
  letsCriticalThrough: boolean;
  tellsResolved: boolean;
}

/** Where the form has a place to say what is wrong. */
export const FIELDS = ["name", "config", "afterMs", "repeatMs", "quietHours", "scope"] as const;

export function newDraft(kind: ChannelKind): ChannelDraft {
  return {
    kind,
    name: "",
    isEnabled: true,
    config: configEmpty(),
    minSeverity: "warning",
    scope: copyOf(WHOLE),
    after: "",
    repeat: "",
    isQuiet: false,
    quiet: newWeekly(),
    letsCriticalThrough: true,
    tellsResolved: true,
  };
}

/** A channel that exists, to be changed. */
export function draftOf(channel: Channel): ChannelDraft {
  const { kind, quietHours: quiet, config: kept } = channel;
  const typed = CHANNEL_FIELDS[kind].map(({ name }) => {
    const value = kept[name];
    return [name, Array.isArray(value) ? value.join(", ") : typeof value === "string" ? value : ""] as const;
  });
  return {
    ...newDraft(kind),
    name: channel.name,
    isEnabled: channel.isEnabled,
    config: { ...configEmpty(), ...Object.fromEntries(typed) },
    minSeverity: channel.minSeverity,
    scope: copyOf(channel.scope),
    after: channel.afterMs === 0 ? "" : formatSpan(channel.afterMs),
    repeat: channel.repeatMs === null ? "" : formatSpan(channel.repeatMs),
    isQuiet: quiet !== null,
    ...(quiet ? { quiet: weeklyDraftOf(quiet), letsCriticalThrough: quiet.letsCriticalThrough } : {}),
    tellsResolved: channel.tellsResolved,
  };
}

/** Every field of every kind, so that all of them can be bound. */
function configEmpty(): Record<string, string> {
  const fields = Object.values(CHANNEL_FIELDS).flat();
  return Object.fromEntries(fields.map(({ name, as, empty }) => [name, as === "choice" ? (empty ?? "") : ""]));
}

export type Config = Record<string, unknown> & { kind: ChannelKind };
export type Routed = Omit<NewChannel, "config">;

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Who is told what and when, as it would be sent, and what is wrong with it; `config` is {@link configTyped}. */
export function routedTyped(faults: Faults, draft: ChannelDraft, suggested: string): Routed {
  const { isQuiet, quiet, letsCriticalThrough } = draft;
  return {
    name: faults
      .required("name", draft.name.trim() || suggested, "A name, please: to tell channels apart.")
      .slice(0, INSTANCE_NAME_LENGTH_MAX),
    isEnabled: draft.isEnabled,
    minSeverity: draft.minSeverity,
    scope: copyOf(draft.scope),
    afterMs: /^0?$/.test(draft.after.trim()) ? 0 : faults.span("afterMs", draft.after, 0, DAY),
    repeatMs: draft.repeat.trim() === "" ? null : faults.span("repeatMs", draft.repeat, 5 * MINUTE, 7 * DAY),
    quietHours: isQuiet ? { ...weeklyTyped(faults, "quietHours.", quiet), letsCriticalThrough } : null,
    tellsResolved: draft.tellsResolved,
  };
}

/** The way there as it would be sent. `isKept`: a channel has it already, and secrets that stay empty are left out. */
export function configTyped(
  faults: Faults,
  { kind, config }: Pick<ChannelDraft, "kind" | "config">,
  isKept: boolean,
): Config {
  const sent: Config = { kind };
  for (const field of CHANNEL_FIELDS[kind]) {
    if (field.as === "given") continue;
    const typed = (config[field.name] ?? "").trim();
    const isAbsent = typed === "" && isKept && field.as === "secret";
    if (!isAbsent) sent[field.name] = valueOf(faults, field, typed);
  }
  return sent;
}

function valueOf(faults: Faults, { name, label, as, empty }: ChannelField, typed: string): unknown {
  const at = `config.${name}`;
  if (typed === "") {
    if (empty === undefined)
      faults.missing[at] = as === "secret" ? "Paste it here." : `${label}: nothing works without.`;
    if (empty !== undefined) return empty;
    return as === "emails" ? [] : "";
  }
  if (as === "emails") {
    const all = [...new Set(typed.split(/[\s,;]+/).filter(Boolean))];
    const wrong = all.find((one) => !isEmail(one));
    if (wrong !== undefined) faults.wrong[at] = `${wrong} is no e-mail address.`;
    else if (all.length > 50) faults.wrong[at] = "At most 50.";
    return all;
  }
  if (as === "email" && !isEmail(typed)) faults.wrong[at] = "That is no e-mail address.";
  if ((as === "url" || name === "url") && !/^https?:\/\/[^\s/]/i.test(typed))
    faults.wrong[at] = "An address that begins with https://.";
  else if (as === "secret" && /[^!-~]/.test(typed)) faults.wrong[at] = "One word, without spaces.";
  return typed;
}

function isEmail(text: string): boolean {
  return /^[^\s@,;]+@[^\s@,;.]+(\.[^\s@,;.]+)+$/.test(text);
}

/** Whether the way there is another one than at first: it is tested before it is kept. */
export function isOtherWay(draft: ChannelDraft, first: ChannelDraft): boolean {
  return CHANNEL_FIELDS[draft.kind].some(
    ({ name }) => (draft.config[name] ?? "").trim() !== (first.config[name] ?? ""),
  );
}
