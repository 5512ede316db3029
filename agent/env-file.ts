/**
 * The settings file, as systemd's EnvironmentFile= reads it too (systemd.exec(5)): `KEY=value` lines, `#` and `;` for
 * comments, values bare or in single or double quotes. Answers the settings, or says which line is not one.
 */
export function parseEnvFile(text: string): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    const match = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/.exec(line);
    // The line itself is not repeated: it may hold the token.
    if (!match) throw new Error(`line ${index + 1} is not KEY=value`);
    settings[match[1]!] = unquoted(match[2]!);
  }
  return settings;
}

function unquoted(value: string): string {
  if (/^'.*'$/.test(value)) return value.slice(1, -1);
  if (/^".*"$/.test(value)) return value.slice(1, -1).replace(/\\(["\\$`])/g, "$1");
  return value;
}
