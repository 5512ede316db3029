import { PROVIDERS } from "../../../../contract/provider-kinds.ts";
import { fact, part, say, type Said } from "../../brief/part.ts";
import { nameInWords } from "../../brief/plain-name.ts";
import { countOf, namesInWords } from "../../words/names.ts";
import type { KnownInstance } from "../ask-reader.ts";
import { calledOf, isNobody, nobody, scopeOf, type Query, type StepOf } from "./query.ts";

const SHOWN = 12;

/** How many there are, by what. */
export const inventory: Query<"inventory"> = async (step, { fleet }) => {
  const scope = scopeOf(step, fleet);
  if (isNobody(scope)) return nobody(fleet);
  const there = scope.instances.filter(({ goneAt }) => goneAt === null);
  const groups = new Map<string | null, KnownInstance[]>();
  for (const one of there) {
    for (const value of valuesOf(one, step.by)) groups.set(value, [...(groups.get(value) ?? []), one]);
  }
  const sorted = [...groups].sort(
    ([one, a], [other, b]) => b.length - a.length || ((one ?? "") < (other ?? "") ? -1 : 1),
  );
  const what = WHAT[step.by];
  const facts = sorted.slice(0, SHOWN).map(([value, all]) => {
    const where = value === null ? `of which no ${what} is known` : `with the ${what} ${nameInWords(value)}`;
    return fact(`${countOf(all.length, "instance")} ${where}: ${namesInWords(all.map(calledOf), 3)}.`, {
      value: all.length,
    });
  });
  const each = sorted
    .slice(0, SHOWN)
    .map(([value, all]) => `${all.length} ${value === null ? "unknown" : nameInWords(value)}`);
  const whole = fact(`${countOf(there.length, "instance")}${scope.words} in all.`, { value: there.length });
  const claims: Said[] = [];
  if (step.only !== null) {
    const wanted = step.only.toLowerCase();
    const meant = there.filter((one) => valuesOf(one, step.by).some((value) => isMeant(value, wanted)));
    const called = nameInWords(step.only);
    const named = fact(
      `${countOf(meant.length, "instance")} with the ${what} ${called}${meant.length > 0 ? `: ${namesInWords(meant.map(calledOf), 5)}` : ""}.`,
      { value: meant.length },
    );
    const names = meant.length > 0 && meant.length <= SHOWN ? `: ${namesInWords(meant.map(calledOf), SHOWN)}` : "";
    claims.push(
      say(
        `${meant.length === 0 ? "No instance has" : countOf(meant.length, "instance has", "instances have")} the ${what} ${called}${scope.words}${names}.`,
        named,
      ),
    );
  }
  claims.push(
    say(
      `There ${there.length === 1 ? "is" : "are"} ${countOf(there.length, "instance")}${scope.words}; by ${what}: ${namesInWords(each, SHOWN)}.`,
      whole,
      ...facts,
    ),
  );
  if (sorted.length > SHOWN)
    claims.push(
      say(
        `There are ${sorted.length - SHOWN} more, with fewer instances each.`,
        fact(`By ${what} there are ${sorted.length} kinds.`, { value: sorted.length }),
      ),
    );
  const gone = scope.instances.length - there.length;
  if (gone > 0)
    claims.push(
      say(
        `${countOf(gone, "instance is", "instances are")} not counted: the provider lists ${gone === 1 ? "it" : "them"} no longer.`,
        fact(`${countOf(gone, "instance is", "instances are")} gone.`, { value: gone }),
      ),
    );
  return part(claims);
};

const WHAT = { region: "region", provider: "provider", plan: "plan", os: "operating system", tag: "tag" } as const;

function valuesOf(one: KnownInstance, by: StepOf<"inventory">["by"]): (string | null)[] {
  if (by === "tag") return one.tags.length > 0 ? [...one.tags] : [null];
  if (by === "provider") return [one.provider === null ? null : providerName(one.provider)];
  return [one[by] || null];
}

function providerName(kind: string): string {
  return Object.hasOwn(PROVIDERS, kind) ? PROVIDERS[kind as keyof typeof PROVIDERS] : kind;
}

/** A region by its code, an operating system and a provider by the beginning of a word of its name. */
function isMeant(value: string | null, wanted: string): boolean {
  const own = value?.toLowerCase();
  if (own === undefined) return false;
  return (
    own === wanted ||
    own.replaceAll(/[^a-z0-9]/g, "").startsWith(wanted.replaceAll(/[^a-z0-9]/g, "")) ||
    own.split(/[^a-z0-9]+/).includes(wanted) ||
    OTHER_NAMES[wanted]?.toLowerCase() === own
  );
}

const OTHER_NAMES: Record<string, string> = { gcp: PROVIDERS.gcp, aws: PROVIDERS.aws };
