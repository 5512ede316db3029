/** The clouds whose instances are discovered. No schema here: the dashboard takes this file and stays small. */
export const PROVIDERS = {
  vultr: "Vultr",
  aws: "AWS EC2",
  gcp: "Google Cloud",
  digitalocean: "DigitalOcean",
  hetzner: "Hetzner Cloud",
} as const;
export type ProviderKind = keyof typeof PROVIDERS;
export const PROVIDER_KINDS = Object.keys(PROVIDERS) as [ProviderKind, ...ProviderKind[]];
