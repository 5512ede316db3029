export const TABS = [
  { href: "/alerts", label: "Incidents" },
  { href: "/alerts/rules", label: "Rules" },
  { href: "/alerts/silences", label: "Silences" },
  { href: "/alerts/channels", label: "Channels" },
] as const;

/** The tab a page is in: an incident's own page is in that of the incidents. */
export function tabOf(path: string): (typeof TABS)[number]["href"] {
  const found = TABS.slice(1).find(({ href }) => path === href || path.startsWith(`${href}/`));
  return found?.href ?? TABS[0].href;
}
