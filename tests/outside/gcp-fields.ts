/** What of an answer is wanted: by member, `*` for each; null is all of it. */
interface Selection {
  [member: string]: Selection | null;
}

/** The part of an answer that `fields` selects, as Google's APIs give it: `kind,disks(boot,licenses)`. Null where it cannot be read. */
export function partOf(answer: unknown, fields: string | null): unknown {
  if (fields === null) return answer;
  const selection = selectionOf(fields);
  return selection && selected(answer, selection);
}

function selected(value: unknown, selection: Selection | null): unknown {
  if (selection === null || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => selected(element, selection));
  const members = Object.entries(value).flatMap(([name, member]) => {
    const of = selection[name] === undefined ? selection["*"] : selection[name];
    return of === undefined ? [] : [[name, selected(member, of)]];
  });
  return Object.fromEntries(members);
}

function selectionOf(fields: string): Selection | null {
  const signs = fields.match(/[\w*]+|[^\w*]/g) ?? [];
  const into: Selection = {};
  return readList(signs, into) && signs.length === 0 ? into : null;
}

function readList(signs: string[], into: Selection): boolean {
  do {
    if (!readMember(signs, into)) return false;
  } while (took(signs, ","));
  return true;
}

function readMember(signs: string[], into: Selection): boolean {
  const name = signs.shift() ?? "";
  if (!/^[\w*]+$/.test(name)) return false;
  const isDeeper = took(signs, "/");
  if (!isDeeper && !took(signs, "(")) {
    into[name] = null;
    return true;
  }
  const inner: Selection = into[name] ?? {};
  into[name] = inner;
  return isDeeper ? readMember(signs, inner) : readList(signs, inner) && took(signs, ")");
}

function took(signs: string[], sign: string): boolean {
  if (signs[0] !== sign) return false;
  signs.shift();
  return true;
}
