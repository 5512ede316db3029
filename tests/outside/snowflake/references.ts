import { fullName, type FullName, type Place } from "./names.ts";
import { doesNotExist } from "./refusal.ts";
import { change, isTree, visit, type Tree } from "./tree.ts";

/** What a statement does to a table or view, as rights call it. */
export interface Reference {
  name: FullName;
  privileges: string[];
}

function identifier(node: unknown): string | null {
  return isTree(node) && typeof node["name"] === "string" ? node["name"] : null;
}

/** Whether this is how the parser writes a table's name, in three parts. */
function isName(node: Tree): boolean {
  return "schema" in node && "catalog" in node && identifier(node["name"]) !== null;
}

function withNames(tree: unknown): Set<string> {
  const names = new Set<string>();
  visit(tree, (node) => {
    if (!isTree(node["with"]) || !Array.isArray(node["with"]["ctes"])) return;
    for (const cte of node["with"]["ctes"] as Tree[]) names.add(identifier(cte["alias"])!);
  });
  return names;
}

/** The tree with every table named in full, as the engine beneath has no place of its own. Names are in upper case by now. */
export function inFull(tree: unknown, place: Place): unknown {
  const ofStatement = withNames(tree);
  return change(tree, (node) => {
    if (!isName(node)) return node;
    const parts = [node["catalog"], node["schema"], node["name"]].map(identifier).filter((part) => part !== null);
    if (parts.length === 1 && ofStatement.has(parts[0]!)) return node;
    const whole = fullName(parts, place);
    if (whole === null) throw doesNotExist("Object", parts.join("."));
    const [catalog, schema, name] = whole.split(".");
    const part = (value?: string) => ({ name: value, quoted: true, trailing_comments: [], span: null });
    return { ...node, catalog: part(catalog), schema: part(schema), name: part(name) };
  });
}

function nameOf(node: unknown): FullName | null {
  if (!isTree(node)) return null;
  if (isName(node)) {
    const parts = [node["catalog"], node["schema"], node["name"]].map(identifier);
    return parts.includes(null) ? null : parts.join(".");
  }
  const inner = node["table"] ?? (isTree(node["alias"]) ? node["alias"]["this"] : undefined);
  return nameOf(inner);
}

/** What a statement that changes rows does to its target; the rest is read. */
function target(tree: Tree): { node: unknown; privileges: string[] } | null {
  const { insert, merge, update, delete: deletion, truncate } = tree as Record<string, Tree | undefined>;
  if (insert) return { node: insert["table"], privileges: ["INSERT"] };
  if (update) return { node: update["table"], privileges: ["UPDATE", "SELECT"] };
  if (deletion) return { node: deletion["table"], privileges: ["DELETE", "SELECT"] };
  if (truncate) return { node: truncate["table"], privileges: ["TRUNCATE"] };
  if (!merge) return null;
  const words = JSON.stringify(merge["whens"]);
  const does = ["INSERT", "UPDATE", "DELETE"].filter((verb) => words.includes(`"this":"${verb}"`));
  return { node: merge["this"], privileges: ["SELECT", ...does] };
}

/** What a statement reads and changes; its tree has full names. */
export function references(tree: Tree): Reference[] {
  const found: Reference[] = [];
  const changed = target(tree);
  if (changed) found.push({ name: nameOf(changed.node)!, privileges: changed.privileges });
  visit(tree, (node) => {
    const name = isTree(node["table"]) && isName(node["table"]) ? nameOf(node["table"]) : null;
    if (name !== null && (name !== found[0]?.name || changed === null)) found.push({ name, privileges: ["SELECT"] });
  });
  return found;
}
