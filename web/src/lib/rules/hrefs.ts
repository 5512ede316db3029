export function ruleHref(id: string): `/alerts/rules/${string}` {
  return `/alerts/rules/${encodeURIComponent(id)}`;
}
