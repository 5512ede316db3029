import { insightFact, titleOf } from "../../brief/insight-fact.ts";
import { fact, part, say, type Said } from "../../brief/part.ts";
import { countOf, namesInWords } from "../../words/names.ts";
import { moneyInWords } from "../../words/quantity.ts";
import { savingInWords } from "./insights.ts";
import { calledOf, isNobody, nobody, scopeOf, type Query } from "./query.ts";

const SHOWN = 5;
const WASTE_READ_MAX = 100;

/** What is paid each month, where prices are known, and what of it is not used. */
export const cost: Query<"cost"> = async (step, { reader, fleet }) => {
  const scope = scopeOf(step, fleet);
  if (isNobody(scope)) return nobody(fleet);
  const there = scope.instances.filter(({ goneAt }) => goneAt === null);
  const priced = there.flatMap((one) => (one.monthlyCost ? [{ ...one, price: one.monthlyCost }] : []));
  if (priced.length === 0) {
    const none = fact(`Of ${countOf(there.length, "instance")}${scope.words} no price is known.`, { value: 0 });
    return part([say(`No price is known of ${countOf(there.length, "instance")}${scope.words}.`, none)], {
      actions: [say("Connect the cloud account, or give an instance its price on its page.", none)],
    });
  }
  const sums = Map.groupBy(priced, ({ price }) => price.currency);
  const totals = [...sums].map(([currency, all]) => ({
    currency,
    amount: all.reduce((sum, { price }) => sum + price.amount, 0),
  }));
  const total = namesInWords(totals.map(moneyInWords), 5);
  const whole = fact(`${countOf(priced.length, "instance")}${scope.words} with a known price: ${total} a month.`, {
    value: totals.length === 1 ? totals[0]!.amount : null,
  });
  const isOne = priced.length === 1;
  const unpriced = there.length - priced.length;
  const counted = unpriced > 0 ? `, for ${countOf(priced.length, "instance")} with a known price` : "";
  const who =
    scope.subjects === null && !isOne
      ? `The fleet costs ${total} a month${counted}`
      : isOne
        ? `${calledOf(priced[0]!)} costs ${total} a month`
        : `${countOf(priced.length, "instance")}${scope.words} cost ${total} a month`;
  const claims: Said[] = [say(`${who}.`, whole)];
  if (!isOne) {
    // Of several currencies the dearest cannot be told.
    const dearest = [...sums.values()]
      .toSorted((a, b) => b.length - a.length)[0]!
      .toSorted((a, b) => b.price.amount - a.price.amount)
      .slice(0, SHOWN);
    const facts = dearest.map(({ id, name, price }) =>
      fact(`${calledOf({ name })} costs ${moneyInWords(price)} a month.`, { subject: id, name, value: price.amount }),
    );
    claims.push(
      say(
        `The most expensive: ${namesInWords(
          dearest.map((one) => `${calledOf(one)} (${moneyInWords(one.price)})`),
          SHOWN,
        )}.`,
        ...facts,
      ),
    );
  }
  if (unpriced > 0)
    claims.push(
      say(
        `Of ${countOf(unpriced, "more instance")} no price is known, so it is more than that.`,
        fact(`${countOf(unpriced, "instance has", "instances have")} no price.`, { value: unpriced }),
      ),
    );
  const waste = await reader.insights({
    kinds: ["waste"],
    within: null,
    subjects: scope.subjects,
    max: WASTE_READ_MAX,
  });
  const saving = savingInWords(waste);
  const facts = waste.slice(0, SHOWN).map(insightFact);
  if (saving) claims.push(say(`About ${saving} of it a month is for what is hardly used.`, ...facts));
  waste.slice(0, SHOWN).forEach((one, index) => claims.push(say(titleOf(one), facts[index]!)));
  if (waste.length === 0)
    claims.push(
      say(
        "Nothing was found that is paid for and not used.",
        fact("There is no finding of something that is paid for and not used.", { value: 0 }),
      ),
    );
  const actions = waste
    .slice(0, 3)
    .flatMap((one, index) => (one.actions[0] === undefined ? [] : [say(one.actions[0], facts[index]!)]));
  return part(claims, { actions });
};
