import type { Plan } from "../../../contract/ask.ts";
import type { Asking } from "../engine.ts";
import { nameInWords } from "../brief/plain-name.ts";

const SHOWN = 5;

/** Questions that are understood, about what is there. With a name that nobody has: the same question about those that are called alike. */
export function suggestionsFor(names: Asking["names"], missed?: { question: string; unknown: string }): string[] {
  const alike = missed ? askedOfOthers(names, missed) : [];
  const one = names.find(({ name }) => isSpeakable(name));
  const tag = names.flatMap(({ tags }) => tags).at(0);
  const usual = [
    "Is anything wrong?",
    "What will run out within 30 days?",
    ...(one ? [`How was the CPU of "${nameInWords(one.name)}" yesterday?`] : []),
    "Who uses the most memory?",
    ...(tag === undefined ? [] : [`How are those tagged ${tag}?`]),
    "What happened last night?",
    "What does the fleet cost?",
  ];
  return [...alike, ...usual].slice(0, SHOWN);
}

/** What could be asked after this. */
export function suggestionsAfter(plan: Plan, names: Asking["names"]): string[] {
  const next = plan.flatMap(({ query }) => NEXT[query]);
  return [...new Set([...next, ...suggestionsFor(names)])].slice(0, 3);
}

const NEXT: Record<Plan[number]["query"], string[]> = {
  runs_out: ["Which disks are fullest?", "Who uses the most memory?"],
  ranking: ["What is unusual today?", "What is idle?"],
  reading: ["Is anything unusual this week?", "Who uses the most CPU?"],
  comparison: ["What is unusual today?", "What changed in the last 24 hours?"],
  insights: ["What will run out within 30 days?", "Is anything wrong?"],
  incidents: ["What changed before the incident?", "What was the worst uptime this month?"],
  changes: ["Which incidents were there this week?", "What is unusual today?"],
  health: ["What happened last night?", "What will run out within 30 days?"],
  uptime: ["Which incidents were there this month?", "Is anything wrong?"],
  cost: ["What is idle?", "How many instances are there by plan?"],
  inventory: ["What does the fleet cost?", "Is anything wrong?"],
};

/** A name that can be put between quotes and read. */
const isSpeakable = (name: string) => name.length <= 60 && !name.includes('"') && nameInWords(name) === name;

function askedOfOthers(names: Asking["names"], { question, unknown }: { question: string; unknown: string }): string[] {
  const place = question.toLowerCase().indexOf(unknown);
  if (place === -1) return [];
  const begin = unknown.replace(/[\d._-]+.*$/, "");
  const alike = names.filter(({ name }) => begin !== "" && name.toLowerCase().startsWith(begin) && isSpeakable(name));
  return alike
    .slice(0, 3)
    .map(({ name }) => `${question.slice(0, place)}${nameInWords(name)}${question.slice(place + unknown.length)}`);
}
