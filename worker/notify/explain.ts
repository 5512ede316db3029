import type { Explanation } from "../../contract/incidents.ts";
import { metricOf } from "../../contract/metric.ts";
import { isMetricOfChecks, type RuleKind, type Severity } from "../../contract/rule-kinds.ts";
import { METRIC_LORE, type Lore } from "./explain-metrics.ts";

/**
 * What a trouble usually means, what to look at first, how urgent it is. `metric`: a series' key, of rules that have one; of a verdict any
 * one of what was judged, where that is known (`check_up` of a check, `health_up` of an instance).
 */
export function explanationOf(kind: RuleKind, metric: string | null, severity: Severity): Explanation {
  const { meaning, lookAt, urgency } = loreOf(kind, metric);
  return { meaning, lookAt, urgency: urgency[severity === "critical" ? 1 : 0] };
}

function loreOf(kind: RuleKind, metric: string | null): Lore {
  switch (kind) {
    case "metric":
      return metric === null ? NAMELESS : loreOfMetric(metric);
    case "change": {
      const lore = metric === null ? NAMELESS : loreOfMetric(metric);
      return { ...lore, meaning: `It changed faster than it should. ${lore.meaning}` };
    }
    case "forecast":
      return metric === null ? FULL_SOON : (FORECASTS.find(([pattern]) => pattern.test(metric))?.[1] ?? FULL_SOON);
    case "verdict":
      if (metric === null) return DOWN;
      return isMetricOfChecks(metricOf(metric)) ? CHECK_DOWN : INSTANCE_DOWN;
    case "silence":
      return SILENCE;
    case "provider":
      return PROVIDER;
    case "reboot":
      return REBOOT;
  }
}

function loreOfMetric(key: string): Lore {
  const metric = metricOf(key);
  return METRIC_LORE.find(([pattern]) => pattern.test(metric))?.[1] ?? UNKNOWN;
}

/** Nobody knows of which metric. */
const NAMELESS: Lore = {
  meaning: "A value is outside the bounds that the rule sets.",
  lookAt: [
    "The chart: whether it rose or fell slowly or at once, and what else changed at that time.",
    "What was changed last on that machine.",
    "Whether the bounds still fit: the rule's preview shows how often it would have told you.",
  ],
  urgency: ["See when there is time.", "Look now: the rule calls it critical."],
};

/** A metric of somebody's own. */
const UNKNOWN: Lore = {
  meaning: "A value that you send yourself is outside the bounds that the rule sets.",
  lookAt: [
    "The chart: whether it rose or fell slowly or at once, and what else changed at that time.",
    "What sends it, and what was changed there last.",
    "Whether the bounds still fit: the rule's preview shows how often it would have told you.",
  ],
  urgency: ["See when there is time.", "Look now: the rule calls it critical."],
};

/** A machine or an address. */
const DOWN: Lore = {
  meaning: "It is not well by more than one witness: several regions, its agent, or its provider.",
  lookAt: [
    "What each witness says, on its page: refused, no answer and a wrong answer have different causes.",
    "Open it yourself, from another network too.",
    "The machine's console at its provider: whether it runs or hangs.",
    "Others of the same region: if they fail too, the provider's status page.",
    "What was changed last: an update, a firewall, an address, a certificate.",
  ],
  urgency: ["A part of it does not work. Look soon.", "It cannot be used. Look now."],
};

const INSTANCE_DOWN: Lore = {
  meaning:
    "The machine is not well by more than one witness: it does not answer from outside, its agent is silent, or its provider says so.",
  lookAt: [
    "Which witness says what: the machine's page lists them.",
    "Its console at the provider: whether it runs, hangs or waits for a key to be pressed.",
    "Others of the same region: if they fail too, the provider's status page.",
    "What was changed last: an update, a firewall, its address.",
  ],
  urgency: ["A part of it does not work. Look soon.", "Whatever runs there cannot be used. Look now."],
};

const CHECK_DOWN: Lore = {
  meaning:
    "The address does not answer as it should, seen from more than one region. For a job that reports by itself: it has not done so in time.",
  lookAt: [
    "Open the address yourself, from another network too.",
    "The words of each region, on the check's page: refused, no answer and a wrong answer have different causes.",
    "Whether its machine is well, its name points to the right address and its certificate is good.",
    "For a job: whether it ran, and whether it could reach this Nephos.",
  ],
  urgency: ["Some visitors are affected. Look soon.", "It cannot be used. Look now."],
};

const SILENCE: Lore = {
  meaning:
    "The agent on the machine has said nothing for a while. The machine may be well: only nobody sees inside it now.",
  lookAt: [
    "Whether the machine answers otherwise: its checks, its provider's console.",
    "Whether the agent runs: `systemctl status nephos-agent` there, and its last words: `journalctl -u nephos-agent -e`.",
    "Whether it may still reach this Nephos: a firewall, a proxy, a token that was revoked.",
  ],
  urgency: [
    "What it measures meanwhile it keeps and hands over later. Look today.",
    "Nobody sees inside this machine. Look whether it still works.",
  ],
};

const PROVIDER: Lore = {
  meaning: "The machine's provider says that it is stopped, suspended, or has a fault.",
  lookAt: [
    "The provider's console: whether somebody stopped it, and any message about it.",
    "Bills and mails of the provider: machines are suspended for unpaid bills and for abuse.",
    "A fault of the physical computer: stopping and starting it there often moves it to another one.",
  ],
  urgency: ["If nobody stopped it on purpose, look today.", "Whatever runs there cannot be used. Look now."],
};

const REBOOT: Lore = {
  meaning: "The machine has started anew. That may have been an update, somebody's hand, its provider, or a crash.",
  lookAt: [
    "Why: `last -x | head`, and the end of what was before: `journalctl -b -1 -e` there.",
    "Whether all services came back: `systemctl --failed`.",
    "Whether the provider announced maintenance.",
  ],
  urgency: ["If it was meant to be, there is nothing to do.", "Look now whether everything runs again."],
};

const FULL_SOON: Lore = {
  meaning: "If it goes on as in the last days, it will be full within the time that the rule names.",
  lookAt: [
    "The chart: whether it rises steadily, or rose once and only looks so.",
    "What grows, and whether it may be cleared.",
    "Whether the machine has become too small for its work.",
  ],
  urgency: ["There is time to plan.", "It is a matter of hours. Make room now."],
};

const FORECASTS: readonly (readonly [RegExp, Lore])[] = [
  [
    /^filesystem_inodes_/,
    {
      meaning:
        "If it goes on as in the last days, the disk will soon have no place for further files, although it has room.",
      lookAt: [
        "Which folder gets so many small files: `find / -xdev -printf '%h\\n' | sort | uniq -c | sort -rn | head` there.",
        "Whether a job that clears sessions, caches or mail queues no longer runs.",
      ],
      urgency: ["There are days left to clear files.", "It is a matter of hours: clear files now."],
    },
  ],
  [
    /^filesystem_/,
    {
      meaning:
        "If it goes on as in the last days, the disk will soon be full. Then databases stop and nothing can be saved.",
      lookAt: [
        "What grows: `du -xh / --max-depth=2 | sort -h | tail -20` there, today and tomorrow.",
        "Logs without a limit, backups that are never deleted, container images.",
        "Enlarging the disk: most providers do it while the machine runs.",
      ],
      urgency: ["There are days left to clear up or to enlarge it.", "It is a matter of hours: make room now."],
    },
  ],
  [
    /^(memory|swap)_/,
    {
      meaning: "If it goes on as in the last days, memory will soon be full, and the system will end programs.",
      lookAt: [
        "Which program keeps growing: `ps aux --sort=-rss | head` there, now and in an hour.",
        "Restarting that program at a good time, and its next version.",
        "A larger plan, if all of them need what they have.",
      ],
      urgency: [
        "There is time to choose a good moment.",
        "It is a matter of hours: restart what grows, or free memory.",
      ],
    },
  ],
];
