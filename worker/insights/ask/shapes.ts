import type { z } from "zod";
import type { AskMetric, planStepSchema } from "../../../contract/ask.ts";
import type { InsightKind } from "../../../contract/insights.ts";
import type { EpochMs } from "../../../contract/units.ts";
import { DAY_MS, HOUR_MS } from "./calendar.ts";
import { comparedDays, type Span, type When } from "./times.ts";
import { isKnownWord } from "./words.ts";

/** A question as it was heard: words put right and without the names in it, and what was found in them. */
export interface Heard {
  text: string;
  scope: { subjects: string[]; tags: string[] };
  metrics: AskMetric[];
  when: When;
  now: EpochMs;
}

type Step = z.input<typeof planStepSchema>;

/** A way to ask. The first that is so answers; null: not this one after all. */
export interface Shape {
  is: RegExp;
  steps(heard: Heard): Step[] | null;
}

const INSTANCE = "(?:servers?|instances?|machines?|hosts?|nodes?|boxe?s?|vms?|droplets?|ones?|computers?|systems?)";

/** Filling and ending. */
const RUNS_OUT =
  /\b(r[ua]n(s|ning)? (out|short|low)|fill(s|ing|ed)?|(be|gets?|getting|become|becoming|going) (nearly |almost )?full|(when|until|before|long)\b.*\bfull|(big|larg|small)(ger|er) (dis[kc]|drive|storage|volume|memory|plan|machine|server|instance|box|one)|needs? (to )?(more|upgrad\w*|grow|a (big|larg)\w+)|expir(e|es|ed|ing|y)|renew(al|ed)?|exhaust(ed)?|outgr?ow|capacity|predict(ed|ion|ions)?|forecasts?|exceed|use up|last (me |us )?(until|long)|upgrade|good for|valid)\b/;
const COMPARES =
  /\b(compar(e|ed|ison)|versus|vs|against|week over week|month over month|difference|(than|to|with|from|as) (the )?(last|previous|yesterday|before|usual)|(increased?|grown|grew|gone (up|down)|go(ne)? (up|down)|went (up|down)|dropped|risen|higher|lower) since)\b/;
const CHANGES =
  /\b(chang(e|es|ed)|differ(ent|ence)|deploy(ed)?|led|leads?( up)? to|caused?|causes|why|reboot(ed)?|restart(ed)?|explain|what is new|whats new|renamed|resized)\b/;
const COSTS =
  /\b(costs?|costing|spend|spending|spent|prices?|bills?|pay|paying|expensive|cheap(er|est)?|money|budget|euros?|dollars?|sav(e|ing|ings))\b/;
const WASTES =
  /\b(idle|idling|unused|wast(e|ed|ing)|oversized|overprovisioned|not (being )?used|under ?used|downsized?|shrink|(turn|switch)(ed)? off|underutilised|underutilized|doing nothing|too (big|large)|asleep|bored|hardly used|spare)\b/;
const UPTIMES = /\b(uptimes?|availability|available|reliab(le|ility)|unreliable|sla|downtimes?)\b/;
const BY_WORDS = "(?:regions?|providers?|clouds?|plans?|os|operating systems?|tags?|distributions?)";
const COUNTS = new RegExp(
  `\\b(how many|number of|count( of)?|list( of)?|inventory|where)\\b.*\\b(${INSTANCE}|${BY_WORDS})\\b|\\b(what|which|show)( \\w+){0,2} ${BY_WORDS}\\b|\\b(what|which|show)( \\w+){0,2} ${INSTANCE}\\b.*\\b(in|run|running|from)\\b`,
);
/** Something is to be done: nothing here does anything. */
const ORDERS =
  /^(please |can you |could you )?(delete|remove|restart|reboot|stop|start|shut|kill|create|install|execute|resize|deploy|turn|switch)\b/;
const INCIDENTS = /\b(incidents?|alerts?|alarms?|outages?)\b/;
const TROUBLE =
  /\b(wrong|new|breaks?|broke|broken|fail(s|ed|ing|ures?)?|troubles?|problems?|issues?|errors?|down|happen(ed|ing|s)?|went (off|down)|died|fell|missed|degraded|unreachable|went on)\b/;
const IS_TO_COME = /\b(will|tomorrow|next (week|month|quarter|year))\b/;
const HAPPENED = /\b(happen(ed|ing|s)?|went on|missed|go(ing)? on|new)\b/;
const FOUND: readonly [RegExp, InsightKind[]][] = [
  [
    /\b(anomal(y|ies)|unusual|strange|weird|odd|spikes?|abnormal|suspicious|stand(s|ing)? out|stood out)\b/,
    ["anomaly", "change"],
  ],
  [
    /\b(patterns?|recurring|every (day|night|week|morning|evening)|daily|weekly|cycles?|regular(ly)?|routine)\b/,
    ["pattern"],
  ],
  [/\b(correlat(e|es|ed|ion|ions)|moves? together|related|connected|same time|linked|depends?)\b/, ["correlation"]],
  [/\b(insights?|findings?|found|noticed?)\b/, []],
];
const RANKS =
  /\b(most|least|highest|lowest|top|bottom|bus(y|iest)|biggest|largest|smallest|heaviest|hungr(y|iest)|slow(est)?|fast(est)?|quickest|fullest|emptiest|hottest|max|maximum|min|minimum|worst|best|rank|ranking|peaks?|more than|who|which|whose)\b/;
const IS_LEAST = /\b(least|lowest|bottom|smallest|min|minimum|emptiest|fast(est)?|quickest|quiet(est)?)\b/;
const IS_OF_WHAT_IS_LEFT = /\b(free|available|left|remaining)\b/;
const FILLS: ReadonlySet<AskMetric> = new Set(["disk", "memory", "inodes"]);
const HEALTH =
  /\b(wrong|good|fail(s|ed|ing|ures?)?|down|up|health|healthy|unhealthy|ok|okay|fine|alright|all right|status|state|broken|troubles?|problems?|issues?|unreachable|reachable|offline|online|alive|dead|critical|degraded|sick|worr(y|ied)|attention|sleep|bad|working|works?|running|well|doing|summary|situation|how (is |are )?(everything|my|the|all|it|things|we))\b/;

/** Of what is known now nothing lies within a span. */
const spanOf = ({ when, now }: Heard, days: number) => {
  const { past } = when;
  return past ? daysOf(past, now) : { overDays: days };
};

const each = (heard: Heard, make: (metric: AskMetric) => Step): Step[] => heard.metrics.slice(0, 2).map(make);

const SHAPES: readonly Shape[] = [
  {
    is: COMPARES,
    steps: (heard) => {
      const overDays = comparedDays(heard.text) ?? 7;
      // Two that are named are held against each other, where no time is named.
      if (heard.scope.subjects.length > 1 && comparedDays(heard.text) === null) {
        const metrics: AskMetric[] = heard.metrics.length > 0 ? heard.metrics : ["cpu", "memory", "disk"];
        return metrics.slice(0, 3).map((metric) => ({ query: "ranking", metric, ...heard.scope }));
      }
      if (heard.metrics.length === 0) return null;
      return each(heard, (metric) => ({ query: "comparison", metric, overDays, ...heard.scope }));
    },
  },
  {
    is: /\bhow long (is|are|will|does|until|before|till)\b|\bwhen (do|does|will|is|are)\b|.*/,
    steps: ({ text, metrics, scope, when, now }) => {
      const isAsked =
        RUNS_OUT.test(text) || (metrics[0] === "certificate" && !RANKS.test(text.replace(/\b(which|who)\b/g, "")));
      if (!isAsked || INCIDENTS.test(text) || /\bhow full\b/.test(text)) return null;
      const [metric = null] = metrics;
      const usual = metric === "certificate" ? 400 : 90;
      const withinDays = when.until === null ? usual : within((when.until - now) / DAY_MS);
      return [{ query: "runs_out", metric: metric === "network_in" ? "bandwidth" : metric, withinDays, ...scope }];
    },
  },
  {
    is: CHANGES,
    steps: (heard) => {
      const { text, when, scope, now } = heard;
      if (COSTS.test(text) || UPTIMES.test(text)) return null;
      const isWhy = /\b(why|caused?|causes|explain)\b/.test(text);
      const isBefore = /\bbefore\b|\bled\b|\bleads?\b/.test(text);
      const ofIncident = isWhy || (isBefore && (INCIDENTS.test(text) || TROUBLE.test(text)));
      if (when.at !== null && (isBefore || isWhy))
        return [{ query: "changes", at: when.at, incidentId: ofIncident ? "nearest" : null, ...scope }];
      const named = when.past;
      const changes: Step =
        ofIncident && named === null
          ? { query: "changes", incidentId: "latest", ...scope }
          : changesIn(named, scope, now);
      return isWhy ? [{ query: "incidents", ...spanOf(heard, 1), ...scope }, changes] : [changes];
    },
  },
  { is: COSTS, steps: ({ scope }) => [{ query: "cost", ...scope }] },
  {
    is: WASTES,
    steps: (heard) => [{ query: "insights", kinds: ["waste"], ...spanOf(heard, 30), ...heard.scope }],
  },
  {
    is: UPTIMES,
    steps: (heard) => {
      if (heard.metrics.length > 0) return null;
      const order = /\b(best|most|highest|top|longest)\b/.test(heard.text.replace(/most down\w*|least/g, ""))
        ? "best"
        : "worst";
      return [{ query: "uptime", ...wholeDays(spanOf(heard, 30)), order, ...heard.scope }];
    },
  },
  {
    is: COUNTS,
    steps: ({ text, scope, metrics }) => {
      const isOther = INCIDENTS.test(text) || FOUND.some(([is]) => is.test(text)) || metrics.length > 0;
      if (
        isOther ||
        /\b(down|up|wrong|healthy|unhealthy|offline|online|ok|degraded|unreachable|most|least|worst|best|fail\w*|happen\w*|broken|troubles?|problems?|sick|dead|critical)\b/.test(
          text,
        )
      )
        return null;
      return [{ query: "inventory", ...inventoryOf(text), ...scope }];
    },
  },
  {
    is: INCIDENTS,
    steps: (heard) => {
      const { text } = heard;
      const state = /\b(open|now|current(ly)?|active|still|ongoing)\b/.test(text)
        ? "open"
        : /\b(resolved|(is|are) over|closed|ended)\b/.test(text)
          ? "resolved"
          : "all";
      const isLast = /\b(last|latest|recent|when)\b/.test(text);
      const days = state === "open" ? 400 : isLast ? 90 : heard.scope.subjects.length > 0 ? 30 : 7;
      return [{ query: "incidents", state, ...spanOf(heard, days), ...heard.scope }];
    },
  },
  {
    is: TROUBLE,
    steps: (heard) => {
      const { when, text, scope, now } = heard;
      if (when.past === null && !HAPPENED.test(text)) return null;
      const withinDays = when.until === null ? 14 : within((when.until - now) / DAY_MS);
      if (IS_TO_COME.test(text)) return [{ query: "runs_out", metric: null, withinDays, ...scope }];
      const span = spanOf(heard, 1);
      const incidents: Step = { query: "incidents", ...span, ...scope };
      if (!HAPPENED.test(text)) return [incidents];
      const found: Step = { query: "insights", kinds: ["anomaly", "change"], ...span, ...scope };
      return [incidents, found, changesIn(when.past ?? { from: now - DAY_MS, to: now }, scope, now)];
    },
  },
  ...FOUND.map(([is, kinds]): Shape => {
    const days = kinds[0] === "anomaly" ? 7 : 30;
    return { is, steps: (heard) => [{ query: "insights", kinds: [...kinds], ...spanOf(heard, days), ...heard.scope }] };
  }),
  {
    is: RANKS,
    steps: (heard) => {
      if (heard.metrics.length === 0 || (heard.scope.subjects.length === 1 && !/\btop\b/.test(heard.text))) return null;
      const by = /\b(peaks?|max|maximum|spik\w+)\b/.test(heard.text) ? "max" : "mean";
      const top = Number(/\b(?:top|bottom|first|worst|best) (\d{1,2})\b/.exec(heard.text)?.[1] ?? 10);
      return each(heard, (metric) => {
        // A certificate that is good for the shortest time is the first one asked for.
        const isFew = IS_LEAST.test(heard.text) || (metric === "certificate" && !/\blong/.test(heard.text));
        // Who has the least left has used the most.
        const isLeast = isFew !== (IS_OF_WHAT_IS_LEFT.test(heard.text) && FILLS.has(metric));
        const order = isLeast ? "least" : "most";
        return {
          query: "ranking",
          metric,
          by,
          order,
          ...spanOf(heard, 1),
          top: Math.min(20, Math.max(1, top)),
          ...heard.scope,
        };
      });
    },
  },
  {
    is: /.*/,
    steps: (heard) => {
      if (heard.metrics.length === 0) return null;
      return each(heard, (metric) => ({ query: "reading", metric, ...spanOf(heard, 1), ...heard.scope }));
    },
  },
  { is: HEALTH, steps: ({ scope }) => healthOf(scope, "open", 400) },
  {
    is: /.*/,
    steps: ({ scope, text }) => {
      const isNamed = scope.subjects.length > 0 || scope.tags.length > 0;
      // A name alone, or among words that mean little, asks how it is.
      return isNamed && text.split(" ").every((word) => word === "" || isKnownWord(word))
        ? healthOf(scope, "all", 7)
        : null;
    },
  },
];

/** The first shape that it has; null where it has none, or is no question. */
export function planOf(heard: Heard): Step[] | null {
  if (ORDERS.test(heard.text)) return null;
  for (const { is, steps } of SHAPES) {
    const plan = is.test(heard.text) ? steps(heard) : null;
    if (plan && plan.length > 0) return plan;
  }
  return null;
}

function healthOf(scope: Heard["scope"], state: "open" | "all", overDays: number): Step[] {
  return [
    { query: "health", ...scope },
    { query: "incidents", state, overDays, ...scope },
  ];
}

function changesIn(past: Span | null, scope: Heard["scope"], now: EpochMs): Step {
  if (past === null) return { query: "changes", at: null, beforeHours: 24, ...scope };
  const hours = Math.min(168, Math.max(0.25, (past.to - past.from) / HOUR_MS));
  return { query: "changes", at: past.to >= now ? null : past.to, beforeHours: hours, ...scope };
}

/** A span as a plan names it: how long, and how long ago it ended. */
function daysOf({ from, to }: Span, now: EpochMs): { overDays: number; agoDays: number } {
  return { overDays: within((to - from) / DAY_MS), agoDays: Math.min(400, Math.max(0, (now - to) / DAY_MS)) };
}

const within = (days: number) => Math.min(400, Math.max(0.01, days));

/** Uptime is counted by days. */
function wholeDays<One extends { overDays: number }>(span: One): One {
  return { ...span, overDays: within(Math.ceil(span.overDays - 1e-6)) };
}

const BY: readonly [RegExp, "region" | "provider" | "plan" | "os" | "tag"][] = [
  [/\b(providers?|clouds?|vultr|aws|amazon|ec2|gcp|google|digitalocean|hetzner)\b/, "provider"],
  [/\b(plans?|types?|sizes?)\b/, "plan"],
  [
    /\b(os|operating systems?|distributions?|linux|ubuntu|debian|centos|rocky|fedora|alpine|alma\w*|windows|freebsd|arch|suse)\b/,
    "os",
  ],
  [/\b(tags?|labels?)\b/, "tag"],
];

/** By what they are counted, and which of it was meant. */
function inventoryOf(text: string): { by: "region" | "provider" | "plan" | "os" | "tag"; only: string | null } {
  for (const [is, by] of BY) {
    const word = is.exec(text)?.[1];
    if (word === undefined) continue;
    const isGeneral = /^(providers?|clouds?|plans?|types?|sizes?|os|operating|distributions?|tags?|labels?)/.test(word);
    return { by, only: isGeneral ? null : (SAME_NAME[word] ?? word) };
  }
  const place = new RegExp(`\\b(?:in|at|from|region) (?:the |region )?([\\p{L}][\\p{L}\\p{N}-]{1,40})\\b`, "u").exec(
    text,
  )?.[1];
  const isPlace =
    place !== undefined &&
    !/^(total|all|my|the|our|this|each|every|use|fleet|which|what|region|regions|here|there|by|per|account)$/.test(
      place,
    );
  return { by: "region", only: isPlace ? place : null };
}

const SAME_NAME: Record<string, string> = { amazon: "aws", ec2: "aws", google: "gcp" };
