import type { Evidence } from "../../../contract/insights.ts";
import { nameInWords } from "../brief/plain-name.ts";
import { quantitiesIn } from "./quantities.ts";
import { isGrave, stemsIn } from "./stems.ts";

/** Signs that sentences do without, and commands do not, with what stands beside them: a dollar is money before a number only. */
const COMMAND = /\S*\s*(?:[|\\{}~^]|\$(?!\s?\d)|&&|>>|<<)\s*\S*/gu;
/** Hosts, files, addresses, paths, assignments: words that are no words. */
const TECHNICAL = /(?:[\p{L}\p{N}_-]+\.)+\p{L}{2,}|\S+@\S+|(?<![\p{L}\p{N}])\/[\p{L}\p{N}_.-]\S*|\S*[=]\S*/gu;
/** Somebody's name, in the middle of a sentence. */
const CALLED = /(?<=[\p{Ll}\p{N},] )\p{Lu}\p{Ll}{2,}/gu;
const NEGATION = /\b(?:not|no|never|none|nothing|nobody|without|cannot)\b|n['’]t\b/i;
const IS_UP = /\b(?:is|are|was|were|been|stays?|back)(?: (?:all|both|still|now|again))? up(?=[.,;:!?]|$)/i;
/** Sentences, and what follows a colon or semicolon: each has to hold by itself. */
const SENTENCE = /[.;:!?]+(?=\s|$)/;
/** Words that both have, where there is neither a name nor a number. */
const COMMON_MIN = 2;

/** What else there is to hold a sentence against. */
interface Beside {
  /** What arithmetic here has said by the same evidence. */
  drafts: readonly string[];
  /** Of all that the brief is about. */
  names: readonly string[];
}

/**
 * Whether a sentence speaks of its evidence at all: at least half of its own words stand there too, in each of its parts, and it has a name
 * or a number of it, or two such words; it denies nothing where nothing is denied there; and whatever in it is grave, somebody's name, a host, a
 * file, a path or a command stands there as well. So "all is well", or what a stranger has a model tell people to run, is
 * not shown for naming some evidence. What an instance is called supports its whole name only: anybody may have written it.
 */
export function isAbout(text: string, evidence: readonly Evidence[], { drafts, names }: Beside): boolean {
  const own = evidence.flatMap(({ name }) => asWritten(name));
  const all = [...new Set([...own, ...names.flatMap(asWritten)])].sort((a, b) => b.length - a.length);
  const withoutNames = (words: string) => all.reduce((left, name) => left.replaceAll(name, " "), words);
  const facts = withoutNames([...evidence.map(({ words }) => words), ...drafts].join("\n"));
  const known = [facts, ...evidence.flatMap(({ metric }) => metric ?? [])].join("\n").replaceAll("`", "").toLowerCase();
  const rest = withoutNames(text);
  for (const [found] of [...rest.matchAll(COMMAND), ...rest.matchAll(TECHNICAL)]) {
    if (!known.includes(found.toLowerCase().replace(/[.,;:!?)]+$/, ""))) return false;
  }
  for (const [called] of rest.matchAll(CALLED)) {
    if (stemsIn(called).size > 0 && !known.includes(called.toLowerCase())) return false;
  }
  if ((NEGATION.test(rest) && !NEGATION.test(facts)) || (IS_UP.test(rest) && !/\bup\b/i.test(facts))) return false;
  const stems = stemsIn(known.replaceAll("_", " "));
  const parts = rest.split(SENTENCE).map((part) => [...stemsIn(part)]);
  const isShared = (stem: string) => stems.has(stem);
  const holds = (part: string[]) =>
    part.filter(isShared).length * 2 >= part.length && part.every((stem) => isShared(stem) || !isGrave(stem));
  if (!parts.every(holds)) return false;
  if (own.some((name) => text.includes(name)) || quantitiesIn(rest).length > 0) return true;
  return new Set(parts.flat().filter(isShared)).size >= COMMON_MIN;
}

/** As it is, and as it stands in a sentence. */
function asWritten(name: string | null): string[] {
  return name?.trim() ? [name, nameInWords(name)] : [];
}
