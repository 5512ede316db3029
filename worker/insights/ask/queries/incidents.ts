import { calledIncident, incidentFact, lasted } from "../../brief/incident-fact.ts";
import { fact, part, say, type Said } from "../../brief/part.ts";
import { momentInWords } from "../../words/moment.ts";
import { countOf } from "../../words/names.ts";
import { spanInWords, spanOfStep } from "../plan-words.ts";
import { isNobody, nobody, scopeOf, type Query } from "./query.ts";

const SHOWN = 10;

/** Which incidents are or were open. */
export const incidents: Query<"incidents"> = async (step, { reader, fleet, now }) => {
  const scope = scopeOf(step, fleet);
  // An incident outlives its instance.
  if (isNobody(scope) && scope.subjects !== null) return nobody(fleet);
  const span = spanOfStep(step, now);
  const isOpen = step.state === "open";
  const { incidents: found, total } = await reader.incidents({
    state: step.state,
    within: span,
    subjects: scope.subjects,
    max: SHOWN,
  });
  const time = spanInWords(span, now);
  if (found.length === 0) {
    const words = isOpen
      ? `No incident is open${scope.words}`
      : `No incident was ${step.state === "resolved" ? "resolved" : "open"} ${time}${scope.words}`;
    return part([say(`${words}.`, fact(`${words}.`, { value: 0, ...span }))]);
  }
  const facts = found.map((one) => incidentFact(one, now));
  const critical = found.filter(({ severity }) => severity === "critical").length;
  const isAllShown = total === found.length;
  const grave = isAllShown && critical > 0 && critical < total ? `, ${critical} of them critical` : "";
  const kind = isAllShown && critical === total ? "critical incident" : "incident";
  const head = isOpen
    ? `${countOf(total, `${kind} is`, `${kind}s are`)} open${scope.words}`
    : `${countOf(total, `${kind} was`, `${kind}s were`)} ${step.state === "resolved" ? "resolved" : "open"} ${time}${scope.words}`;
  const claims: Said[] = [say(`${head}${grave}.`, ...facts)];
  found.forEach((one, index) => {
    const how = one.resolvedAt === null && one.state === "acknowledged" ? ", and somebody is at it" : "";
    claims.push(
      say(
        `${calledIncident(one)} began ${momentInWords(one.openedAt, now)} and ${lasted(one, now)}${how}.`,
        facts[index]!,
      ),
    );
  });
  if (total > found.length) {
    const left = fact(`Of ${countOf(total, "incident")} the last ${found.length} are listed.`, { value: total });
    claims.push(say(`The last ${found.length} of them are listed here; the incidents page has all.`, left));
  }
  const waiting = found.flatMap((one, index) =>
    one.state === "open" && one.severity === "critical"
      ? [say(`Look at ${calledIncident(one)}: it is critical and nobody has acknowledged it.`, facts[index]!)]
      : [],
  );
  return part(claims, { actions: waiting.slice(0, 3) });
};
