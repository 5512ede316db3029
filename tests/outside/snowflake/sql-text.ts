/** Snowflake's SQL as text: where strings and comments are, and what lies between. */

const LITERAL = /'(?:[^'\\]|''|\\[\s\S])*'|"(?:[^"]|"")*"|\$\$[\s\S]*?\$\$|--[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;

/** Changes what is neither string, quoted name nor comment; comments go. */
export function changeCode(sql: string, change: (code: string) => string): string {
  let changed = "";
  let end = 0;
  for (const match of sql.matchAll(LITERAL)) {
    changed += change(sql.slice(end, match.index));
    changed += /^(--|\/\/|\/\*)/.test(match[0]) ? " " : match[0];
    end = match.index + match[0].length;
  }
  return changed + change(sql.slice(end));
}

/** One statement each, without comments and without the semicolon. */
export function statementsOf(sql: string): string[] {
  const mark = "\u0000";
  return changeCode(sql, (code) => code.replaceAll(";", mark))
    .split(mark)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
}

/** Every `?` with its number, as a call that survives translation. */
export function numberPlaceholders(sql: string): { sql: string; count: number } {
  let count = 0;
  return { sql: changeCode(sql, (code) => code.replaceAll("?", () => `SF_BIND(${++count})`)), count };
}

/** The text of a literal, or a name as Snowflake stores it: upper case unless it was quoted. */
export function unquoted(word: string): string {
  if (word.startsWith("'")) return word.slice(1, -1).replaceAll("''", "'");
  if (word.startsWith('"')) return word.slice(1, -1).replaceAll('""', '"');
  return word.toUpperCase();
}
