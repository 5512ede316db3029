import type { ProviderKind } from "../../contract/providers.ts";
import { aws } from "./aws.ts";
import { digitalocean } from "./digitalocean.ts";
import { gcp } from "./gcp.ts";
import { hetzner } from "./hetzner.ts";
import type { Provider } from "./provider.ts";
import { vultr } from "./vultr.ts";

/** Every cloud there is. */
export const PROVIDER_REGISTRY: { [Kind in ProviderKind]: Provider<Kind> } = { vultr, aws, gcp, digitalocean, hetzner };
