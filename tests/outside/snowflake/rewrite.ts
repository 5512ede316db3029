import { compilation } from "./refusal.ts";
import { argument, call, cast, change, isTree, literal, text, type Tree } from "./tree.ts";

/** What the session says of itself in SQL: `CURRENT_ROLE()` and the like, null where there is none. */
export type Context = Record<string, string | null>;

const JSON_TYPE = { data_type: "custom", name: "JSON" };
const PATH_PART = /^[A-Za-z_][\w$]*|^"[^"]*"|^\[\d+\]|^\./;

/** Snowflake's `a.b[0]` as a JSON path. */
function jsonPath(written: string): string {
  let rest = written;
  let path = "$";
  while (rest !== "") {
    const [part] = PATH_PART.exec(rest) ?? [];
    if (part === undefined) throw compilation("001003", "42000", `syntax error: path '${written}'`);
    if (part !== ".") path += part.startsWith("[") ? part : `.${part.startsWith('"') ? part : `"${part}"`}`;
    rest = rest.slice(part.length);
  }
  return path;
}

function isCallOf(node: unknown, ...names: string[]): node is Tree {
  return isTree(node) && isTree(node["function"]) && names.includes(String(node["function"]["name"]));
}

/** Whether this is JSON as far as the tree tells: a path, a parsed text, or what FLATTEN calls VALUE. */
function isVariant(node: unknown): boolean {
  if (!isTree(node)) return false;
  if (isTree(node["paren"])) return isVariant(node["paren"]["this"]);
  if (isTree(node["column"])) return String((node["column"]["name"] as Tree)["name"]).toUpperCase() === "VALUE";
  return "parse_json" in node || isCallOf(node, "memory.main.sf_get", "memory.main.sf_try_parse_json");
}

function changedType(type: unknown): unknown {
  if (!isTree(type)) return type;
  if (type["data_type"] === "float") return { data_type: "custom", name: "DOUBLE" };
  if (type["data_type"] === "decimal" && !type["precision"]) return { data_type: "custom", name: "DECIMAL(38, 0)" };
  if (type["data_type"] !== "custom") return type;
  const name = String(type["name"]);
  if (/^(TIMESTAMP_?NTZ|DATETIME)/.test(name)) return { data_type: "custom", name: "TIMESTAMP" };
  if (/^TIMESTAMP_?L?TZ/.test(name)) return { data_type: "custom", name: "TIMESTAMPTZ" };
  return /^(VARIANT|OBJECT|ARRAY)/.test(name) ? JSON_TYPE : type;
}

function changedCast(node: Tree): Tree {
  const to = changedType(node["to"]) as Tree;
  if (["text", "var_char", "char"].includes(String(to["data_type"]))) return call("memory.main.sf_text", node["this"]);
  if (!isVariant(node["this"]))
    return to === JSON_TYPE ? call("memory.main.sf_variant", node["this"]) : cast(node["this"], to);
  if (to === JSON_TYPE) return node["this"] as Tree;
  return cast(call("memory.main.sf_text", node["this"]), to);
}

const FORMAT: [RegExp, string][] = [
  [/YYYY/g, "%Y"],
  [/MM/g, "%m"],
  [/DD/g, "%d"],
  [/HH24/g, "%H"],
  [/MI/g, "%M"],
  [/SS/g, "%S"],
  [/FF3/g, "%g"],
  [/FF6/g, "%f"],
  [/"([^"]*)"/g, "$1"],
];

function changedCall(node: Tree, context: Context): Tree | undefined {
  const { name: written, args: given = [] } = node as { name: string; args?: unknown[] };
  const name = String(written).toUpperCase();
  const args = given as unknown[];
  if (Object.hasOwn(context, name)) {
    const said = context[name]!;
    return said === null ? cast({ null: null }, { data_type: "text" }) : text(said);
  }
  switch (name) {
    case "SYSDATE":
      return call("memory.main.sf_sysdate");
    case "CURRENT_TIMESTAMP":
    case "GETDATE":
    case "LOCALTIMESTAMP":
      return call("memory.main.sf_now");
    case "CURRENT_DATE":
      return cast(call("memory.main.sf_sysdate"), { data_type: "date" });
    case "OBJECT_CONSTRUCT":
      return call("memory.main.sf_without_nulls", call("json_object", ...args));
    case "OBJECT_CONSTRUCT_KEEP_NULL":
      return call("json_object", ...args);
    case "ARRAY_CONSTRUCT":
      return call("json_array", ...args);
    case "UUID_STRING":
      return call("memory.main.sf_text", call("uuid"));
    case "TRY_PARSE_JSON":
      return call("memory.main.sf_try_parse_json", ...args);
    case "AI_COMPLETE":
    case "AI_COUNT_TOKENS":
      return changedCompletion(name, args);
    case "DATEADD":
    case "TIMESTAMPADD":
      return added(args);
    case "TO_VARCHAR":
    case "TO_CHAR":
      return changedToText(args);
    case "TABLE":
      return isCallOf(args[0], "FLATTEN") ? flattened((args[0]["function"] as Tree)["args"] as unknown[]) : undefined;
    default:
      return undefined;
  }
}

const UNITS = ["millisecond", "second", "minute", "hour", "day", "week", "month", "year"];
const SHORT_UNITS: Record<string, string> = { ms: "millisecond", s: "second", mi: "minute", h: "hour", d: "day" };

function added([unit, count, to]: unknown[]): Tree {
  const written = literal(unit) ?? (isTree(unit) && isTree(unit["var"]) ? String(unit["var"]["this"]) : "");
  const name = SHORT_UNITS[written.toLowerCase()] ?? written.toLowerCase().replace(/s$/, "");
  if (!UNITS.includes(name)) throw compilation("000000", "42601", `DATEADD: the emulator does not know ${written}`);
  return call(`memory.main.sf_add_${name}`, count, to);
}

function changedToText([value, format]: unknown[]): Tree {
  if (format === undefined) return changedCast({ this: value, to: { data_type: "text" } });
  const written = literal(format);
  if (written === undefined) throw compilation("000000", "42601", "TO_VARCHAR: the format is no literal");
  return call("strftime", value, text(FORMAT.reduce((done, [from, to]) => done.replaceAll(from, to), written)));
}

/** What the parser knows by name and the translator gets wrong, or leaves as it is: DuckDB's function for `this` and `expression`. */
const KNOWN: Record<string, string> = {
  array_size: "memory.main.sf_array_size",
  array_contains: "memory.main.sf_array_contains",
  count_if: "memory.main.sf_count_if",
  starts_with: "prefix",
  ends_with: "suffix",
};
const AGGREGATES: Record<string, string> = { APPROX_PERCENTILE: "approx_quantile", OBJECT_AGG: "json_group_object" };

function changedKnown(node: Tree): Tree | undefined {
  const [kind = ""] = Object.keys(node);
  const inner = node[kind];
  if (!isTree(inner)) return undefined;
  if (kind === "aggregate_function") {
    const name = AGGREGATES[String(inner["name"])];
    return name === undefined ? undefined : call(name, ...(inner["args"] as unknown[]));
  }
  const name = KNOWN[kind];
  if (name === undefined) return undefined;
  return call(name, inner["this"], ...("expression" in inner ? [inner["expression"]] : []));
}

/** All arguments as one JSON object by name: the models outside take it from there. */
function changedCompletion(name: string, args: unknown[]): Tree {
  const order =
    name === "AI_COMPLETE"
      ? ["MODEL", "PROMPT", "MODEL_PARAMETERS", "RESPONSE_FORMAT", "SHOW_DETAILS"]
      : name === "AI_COUNT_TOKENS"
        ? ["FUNCTION", "MODEL", "PROMPT"]
        : ["MODEL", "PROMPT", "OPTIONS"];
  const given = args.flatMap((node, index) => {
    const { name: called, value } = argument(node);
    const slot = called ?? order[index];
    if (slot === undefined) throw compilation("001044", "42P13", `${name}: too many arguments`);
    return [text(slot), value];
  });
  return call("sf_complete", text(name), call("json_object", ...given));
}

/** `SNOWFLAKE.CORTEX.COMPLETE(...)`, which the parser takes for a method. */
function changedMethod({ this: on, method, args }: Tree): Tree | undefined {
  const column = isTree(on) && isTree(on["column"]) ? on["column"] : undefined;
  const parts = [column?.["table"], column?.["name"], method].map((part) => (isTree(part) ? part["name"] : undefined));
  const name = parts.join(".").toUpperCase();
  return name === "SNOWFLAKE.CORTEX.COMPLETE" ? changedCompletion(name, args as unknown[]) : undefined;
}

function flattened(args: unknown[]): Tree {
  const [first, ...rest] = args.map(argument);
  if (!first || rest.length > 0 || ![null, "INPUT"].includes(first.name)) {
    throw compilation("000000", "42601", "FLATTEN: only INPUT is understood here");
  }
  return call("SF_FLATTEN", first.value);
}

/** `UPDATE SET T.X = ...` as `UPDATE SET X = ...`: in a MERGE there is but one table to change. */
function withPlainTargets(whens: unknown): unknown {
  return change(whens, (node) => {
    const [verb, set] = (isTree(node["tuple"]) ? node["tuple"]["expressions"] : []) as Tree[];
    if (!isTree(verb?.["var"]) || verb["var"]["this"] !== "UPDATE" || !isTree(set?.["tuple"])) return node;
    const pairs = (set["tuple"]["expressions"] as Tree[]).map((pair) => {
      const equals = pair["eq"] as Tree;
      const column = isTree(equals["left"]) && isTree(equals["left"]["column"]) ? equals["left"]["column"] : undefined;
      return column ? { eq: { ...equals, left: { identifier: column["name"] } } } : pair;
    });
    const changed = { tuple: { ...set["tuple"], expressions: pairs } };
    return { tuple: { ...(node["tuple"] as Tree), expressions: [verb, changed] } };
  });
}

/** A tree of Snowflake's SQL, with what neither the translator nor DuckDB would get right put in DuckDB's words. */
export function rewrite(tree: unknown, context: Context): unknown {
  return change(tree, (node) => {
    if (typeof node["name"] === "string" && node["quoted"] === false && "span" in node) {
      return { ...node, name: node["name"].toUpperCase() };
    }
    if (isTree(node["data_type"])) return { ...node, data_type: changedType(node["data_type"]) };
    const { cast: casting, try_cast: trying, j_s_o_n_extract: path, subscript, map_func: map, date_diff: diff } = node;
    if (isTree(casting)) return changedCast(casting);
    if (isTree(trying)) return { try_cast: (changedCast(trying) as { cast?: unknown }).cast ?? trying };
    if (isTree(path))
      return call("memory.main.sf_get", path["this"], text(jsonPath(literal(path["expression"]) ?? "")));
    if (isTree(subscript)) {
      const key = literal(subscript["index"]);
      const index = literal(subscript["index"], "number");
      if (key === undefined && index === undefined) throw compilation("000000", "42601", "[...]: no literal");
      return call("memory.main.sf_get", subscript["this"], text(key === undefined ? `$[${index}]` : `$."${key}"`));
    }
    if (isTree(map) && map["curly_brace_syntax"] === true) {
      const [keys, values] = [map["keys"], map["values"]] as [unknown[], unknown[]];
      return call("json_object", ...keys.flatMap((key, index) => [key, values[index]]));
    }
    if (isTree(node["merge"])) return { merge: { ...node["merge"], whens: withPlainTargets(node["merge"]["whens"]) } };
    if (isTree(diff)) {
      return call(
        "memory.main.sf_datediff",
        text(String(diff["unit"]).toLowerCase()),
        diff["expression"],
        diff["this"],
      );
    }
    if (isTree(node["lateral"]) && isCallOf(node["lateral"]["this"], "FLATTEN")) {
      const inner = (node["lateral"]["this"]["function"] as Tree)["args"] as unknown[];
      return { lateral: { ...node["lateral"], this: flattened(inner) } };
    }
    if (isTree(node["method_call"])) return changedMethod(node["method_call"]) ?? node;
    if (isTree(node["function"])) return changedCall(node["function"], context) ?? node;
    return changedKnown(node) ?? node;
  });
}
