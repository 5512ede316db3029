import type { EpochMs } from "../../../../contract/units.ts";
import { fact, part, say, type Part } from "../../brief/part.ts";
import { nameInWords } from "../../brief/plain-name.ts";
import { momentInWords } from "../../words/moment.ts";
import { countOf, namesInWords } from "../../words/names.ts";
import { bytesInWords, percentInWords } from "../../words/quantity.ts";
import type { Scope } from "./query.ts";

const SHOWN = 8;

/** How much of its traffic allowance each has used in the present billing period: the fullest first. */
export function allowances({ instances, words }: Scope, now: EpochMs): Part {
  const known = instances
    .flatMap(({ id, name, bandwidth }) => {
      const { usedBytes, allowedBytes, at } = bandwidth ?? {};
      return usedBytes != null && allowedBytes != null && allowedBytes > 0
        ? [{ id, name, usedBytes, allowedBytes, at: at! }]
        : [];
    })
    .sort((a, b) => b.usedBytes / b.allowedBytes - a.usedBytes / a.allowedBytes);
  const shown = known.slice(0, SHOWN);
  const facts = shown.map(({ id, name, usedBytes, allowedBytes, at }) => {
    const used = `${bytesInWords(usedBytes)} of ${bytesInWords(allowedBytes)}, ${percentInWords(usedBytes / allowedBytes)}`;
    const said = `${nameInWords(name)} has used ${used}, of its traffic allowance by ${momentInWords(at, now)}.`;
    return fact(said, { subject: id, name, metric: "bandwidth_used_ratio", value: usedBytes / allowedBytes, to: at });
  });
  if (known.length === 0) {
    const none = fact(
      `No provider tells of a traffic allowance of the ${countOf(instances.length, "instance")}${words}.`,
      { value: 0 },
    );
    return part([
      say("No traffic allowance is known: only some providers tell of one, through a connected account.", none),
    ]);
  }
  const each = shown.map((one) => `${nameInWords(one.name)} (${percentInWords(one.usedBytes / one.allowedBytes)})`);
  const over = known.filter((one) => one.usedBytes > one.allowedBytes);
  const head =
    over.length > 0
      ? `${countOf(over.length, "instance has", "instances have")} used more than the traffic allowance`
      : "Nobody has used up the traffic allowance yet";
  return part([say(`${head}${words}. Most of it is used by ${namesInWords(each, 4)}.`, ...facts)]);
}
