import { z } from "zod";
import type { Claim } from "../../../contract/insights.ts";
import { supportedClaims } from "../claims.ts";
import type { Brief } from "../engine.ts";
import { isAbout } from "./about.ts";
import { areNumbersSupported } from "./numbers.ts";
import { withoutMarkup } from "./plain.ts";

const sentences = z
  .array(
    z
      .object({ text: z.string(), evidence: z.array(z.string()) })
      .nullable()
      .catch(null),
  )
  .catch([])
  .transform((all) => all.filter((one) => one !== null));
const saidSchema = z.object({ claims: sentences, actions: sentences.default([]) });

/** What is looked at, of whatever came. */
const SENTENCES_MAX = 40;
const LENGTH_MAX = 2_000;
const CLAIMS_MAX = 8;
const ACTIONS_MAX = 4;

/**
 * What a model said, as far as it may be shown: without markup and links, each sentence with evidence that was given to it and that it
 * speaks of, and every number in it among what that evidence says, or what arithmetic here has said by it. Null where no claim is left.
 */
export function supportedWords(
  said: unknown,
  { evidence, claims: drafts, actions }: Pick<Brief, "evidence" | "claims" | "actions">,
): { claims: Claim[]; actions: Claim[] } | null {
  const { data } = saidSchema.safeParse(said);
  if (!data) return null;
  const known = new Map(evidence.map((one) => [one.id, one]));
  const names = evidence.flatMap(({ name }) => name ?? []);
  const isSupported = ({ text, evidence: ids }: Claim): boolean => {
    const rows = ids.map((id) => known.get(id)!);
    const own = [...drafts, ...actions]
      .filter((draft) => draft.evidence.some((id) => ids.includes(id)))
      .map((draft) => draft.text);
    return /\p{L}/u.test(text) && areNumbersSupported(text, rows, own) && isAbout(text, rows, { drafts: own, names });
  };
  const fine = (all: readonly Claim[], max: number) =>
    supportedClaims(
      all.slice(0, SENTENCES_MAX).map(({ text, evidence: ids }) => ({
        text: withoutMarkup(text.slice(0, LENGTH_MAX)),
        evidence: ids,
      })),
      evidence,
    )
      .filter(isSupported)
      .slice(0, max);
  const claims = fine(data.claims, CLAIMS_MAX);
  return claims.length > 0 ? { claims, actions: fine(data.actions, ACTIONS_MAX) } : null;
}
