/** Quotes a word for a POSIX shell, so that it is taken as it stands. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

export function installLine(origin: string, secret: string): string {
  return `curl -fsSL ${origin}/install.sh | sudo sh -s -- --endpoint ${origin} --token ${secret}`;
}

export function originalAgentLines(origin: string, secret: string, label: string): string {
  return [
    `NEPHOS_ENDPOINT=${origin}/ingest/vultr?token=${secret}`,
    `INSTANCE_ID=${
      label
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, "-")
        .replace(/^-+|-+$/g, "") || "my-instance"
    }`,
    `INSTANCE_NAME=${label}`,
  ].join("\n");
}

export function curlLine(origin: string, secret: string): string {
  const body = JSON.stringify({ instanceId: "test", metrics: [] });
  return [
    `curl -fsS ${origin}/ingest/vultr \\`,
    `  -H 'Authorization: Bearer ${secret}' \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d ${quoted(body)}`,
  ].join("\n");
}
