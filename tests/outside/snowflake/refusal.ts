/** What Snowflake answers when it does not do what was asked. The codes and words are its own. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly sqlState: string;

  constructor(status: number, code: string, sqlState: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.sqlState = sqlState;
  }
}

/** A statement that is not well: 422. */
export function compilation(code: string, sqlState: string, words: string): Refusal {
  return new Refusal(422, code, sqlState, `SQL compilation error:\n${words}`);
}

export function doesNotExist(what: string, name: string): Refusal {
  const sqlState = what === "Object" ? "42S02" : "02000";
  return compilation("002003", sqlState, `${what} '${name}' does not exist or not authorized.`);
}

export function insufficient(what: string, name: string): Refusal {
  const words = `SQL access control error:\nInsufficient privileges to operate on ${what} '${name}'`;
  return new Refusal(422, "003001", "42501", words);
}

/** What the engine underneath says, in Snowflake's codes. */
export function fromEngine(error: unknown): Refusal {
  const words = error instanceof Error ? error.message : String(error);
  const [first = words] = words.split("\n");
  const named = (pattern: RegExp) => pattern.exec(words)?.[1] ?? "";
  if (/Table with name .* does not exist/.test(words)) return doesNotExist("Object", named(/Table with name (\S+)/));
  if (/Referenced (column|table) "/.test(words)) {
    return compilation(
      "000904",
      "42000",
      `error line 1 at position 0\ninvalid identifier '${named(/Referenced \w+ "([^"]+)"/)}'`,
    );
  }
  if (/Function with name (\S+) does not exist/.test(words)) {
    return compilation("002140", "42601", `Unknown function ${named(/Function with name (\S+)/)}.`);
  }
  if (words.includes("remote service error")) {
    return new Refusal(422, "100351", "22000", words.replace(/^.*?Error: /, ""));
  }
  if (first.startsWith("Parser Error")) return compilation("001003", "42000", `syntax error: ${words}`);
  if (/NOT NULL constraint failed/.test(words)) {
    return new Refusal(422, "100072", "22000", `NULL result in a non-nullable column: ${named(/failed: (\S+)/)}`);
  }
  if (first.startsWith("Conversion Error")) return new Refusal(422, "100038", "22018", `${first} is not recognized`);
  return new Refusal(422, "000000", "XX000", words);
}
