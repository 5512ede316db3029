/**
 * A setting that names things to take or to leave: `eth0,ens*` takes only these, `-docker0` leaves one out.
 * A star stands for any characters.
 */
export interface NameList {
  taken: RegExp[];
  left: RegExp[];
}

export const EVERY_NAME: NameList = { taken: [], left: [] };

export function parseNameList(text: string): NameList {
  const list: NameList = { taken: [], left: [] };
  for (const entry of text.split(",").map((part) => part.trim())) {
    if (entry.startsWith("-") && entry.length > 1) list.left.push(patternOf(entry.slice(1)));
    else if (entry !== "" && entry !== "-") list.taken.push(patternOf(entry));
  }
  return list;
}

/** What the operator said of this name: take it, leave it, or nothing, and then the collector's own rules hold. */
export function verdictOn(name: string, list: NameList): "take" | "leave" | undefined {
  if (list.left.some((pattern) => pattern.test(name))) return "leave";
  if (list.taken.some((pattern) => pattern.test(name))) return "take";
  return list.taken.length > 0 ? "leave" : undefined;
}

function patternOf(entry: string): RegExp {
  const quoted = entry.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${quoted.join(".*")}$`, "u");
}
