/** The parser's trees: objects with one key that says what they are. */
export type Tree = { [key: string]: unknown };

export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Everything in the tree, children first, replaced by what `change` gives. */
export function change(node: unknown, by: (node: Tree) => unknown): unknown {
  if (Array.isArray(node)) return node.map((child) => change(child, by));
  if (!isTree(node)) return node;
  return by(Object.fromEntries(Object.entries(node).map(([key, child]) => [key, change(child, by)])));
}

export function visit(node: unknown, by: (node: Tree) => void): void {
  if (Array.isArray(node)) return node.forEach((child) => visit(child, by));
  if (!isTree(node)) return;
  by(node);
  for (const child of Object.values(node)) visit(child, by);
}

export function call(name: string, ...args: unknown[]): Tree {
  const flags = { distinct: false, trailing_comments: [], use_bracket_syntax: false, no_parens: false, quoted: false };
  return { function: { name, args, ...flags } };
}

export function text(value: string): Tree {
  return { literal: { literal_type: "string", value } };
}

export function cast(value: unknown, type: unknown): Tree {
  return {
    cast: { this: value, to: type, trailing_comments: [], double_colon_syntax: false, format: null, default: null },
  };
}

/** The text of a literal; undefined of anything else. */
export function literal(node: unknown, type: "string" | "number" = "string"): string | undefined {
  const inner = isTree(node) && isTree(node["literal"]) ? node["literal"] : undefined;
  return inner?.["literal_type"] === type ? String(inner["value"]) : undefined;
}

/** A named argument's name in upper case, and its value; any other argument as it is. */
export function argument(node: unknown): { name: string | null; value: unknown } {
  const named = isTree(node) && isTree(node["named_argument"]) ? node["named_argument"] : undefined;
  if (!named) return { name: null, value: node };
  return { name: String((named["name"] as Tree)["name"]).toUpperCase(), value: named["value"] };
}
