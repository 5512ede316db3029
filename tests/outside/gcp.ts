import { Cloud, json, type Asked, type Machine, type Reply } from "./cloud.ts";
import { partOf } from "./gcp-fields.ts";
import { GcpTokens, refusal as oauthRefusal } from "./gcp-tokens.ts";

const PROJECT = "nephos-test";
const REGIONS = ["asia-east1", "europe-west1", "us-central1"];
const PLANS = ["e2-medium", "n2-standard-4", "custom-4-8192"];
const LABELS = ["env=prod", "team=a_team", "goog-gke-node=", "backup="];
const STATES: Record<string, string> = { running: "RUNNING", stopped: "TERMINATED" };
const COMPUTE = "https://www.googleapis.com/compute/v1";

/** Google's token endpoint and Compute Engine's aggregated list of instances, at one address. */
export class Gcp extends Cloud {
  readonly secrets = ["gs://start-script-with-a-password", "AAAAB3NzaC1yc2EAAAADAQABAAABgQC7"];
  readonly #tokens = new GcpTokens();
  #made = 0;

  get credentials() {
    return { kind: "gcp", serviceAccount: this.serviceAccountJson() };
  }

  /** The file that Google gives for a key of a service account. */
  serviceAccountJson(): string {
    const { email, keyId, privateKey } = this.#tokens;
    return JSON.stringify({
      type: "service_account",
      project_id: PROJECT,
      private_key_id: keyId,
      private_key: privateKey,
      client_email: email,
      client_id: "104968273645501928374",
      auth_uri: "https://accounts.google.com/o/oauth2/auth",
      token_uri: `${this.url}/token`,
      auth_provider_x509_cert_url: "https://www.googleapis.com/oauth2/v1/certs",
      universe_domain: "googleapis.com",
    });
  }

  /** Ids that are no doubles: read as numbers, several become one. */
  protected make(index: number): Machine {
    const { chance } = this;
    return {
      id: String(6_218_034_751_000_000_001n + BigInt(this.#made++)),
      name: `vm-${index}`,
      region: chance.pick(REGIONS),
      plan: chance.pick(PLANS),
      state: chance.happens(0.1) ? "stopped" : "running",
      address: `34.${chance.below(256)}.${index >> 8}.${index & 255}`,
      privateAddress: `10.132.${index >> 8}.${index & 255}`,
      tags: LABELS.filter(() => chance.happens(0.3)),
    };
  }

  protected nameOf({ method, url }: Asked): string {
    return `${method} ${url.pathname}`;
  }

  /** Compute Engine says it in its own way. */
  protected tooOften(): Reply {
    return refusal(403, "PERMISSION_DENIED", "rateLimitExceeded", "Rate Limit Exceeded");
  }

  protected answer(asked: Asked): Reply {
    const { method, url, headers, body } = asked;
    this.expect(Boolean(headers["user-agent"]), "no user agent");
    if (method === "POST" && url.pathname === "/token") {
      this.expect(headers["content-type"] === "application/x-www-form-urlencoded", "not a form");
      if (this.is("key_refused")) return oauthRefusal("invalid_grant", "Invalid JWT Signature.");
      return this.#tokens.answer(new URLSearchParams(body), `${this.url}/token`, Date.now());
    }
    if (!this.#tokens.isGood(headers.authorization) || this.is("key_refused")) {
      return refusal(401, "UNAUTHENTICATED", "authError", "Request had invalid authentication credentials.");
    }
    return this.#forbidden() ?? this.#instances(asked);
  }

  #forbidden(): Reply | null {
    const denied = (reason: string, words: string) => refusal(403, "PERMISSION_DENIED", reason, words);
    if (this.is("no_rights")) return denied("forbidden", "Required 'compute.instances.list' permission");
    if (this.is("api_off")) return denied("accessNotConfigured", `Compute Engine API has not been used in ${PROJECT}`);
    if (this.is("address_refused")) return denied("SECURITY_POLICY_VIOLATED", "Request is prohibited by policy.");
    return null;
  }

  #instances({ method, url }: Asked): Reply {
    const [, project] = /^\/compute\/v1\/projects\/([^/]+)\/aggregated\/instances$/.exec(url.pathname) ?? [];
    if (method !== "GET" || project !== PROJECT) {
      return refusal(404, "NOT_FOUND", "notFound", `The resource 'projects/${project}' was not found`);
    }
    const { returnPartialSuccess, maxResults = "500", pageToken = "" } = Object.fromEntries(url.searchParams);
    this.expect(returnPartialSuccess === "true", "one zone would fail all");
    this.expect(url.searchParams.has("fields"), "metadata was asked for");
    const from = pageToken === "" ? 0 : Number(/^ClEKM(\d+)$/.exec(pageToken)?.[1]);
    if (!(from >= 0 && Number(maxResults) <= 500)) return refusal(400, "INVALID_ARGUMENT", "invalid", "Invalid value");
    const list = partOf(this.#list(from, Number(maxResults)), url.searchParams.get("fields"));
    return list === null ? refusal(400, "INVALID_ARGUMENT", "invalidParameter", "Invalid field selection") : json(list);
  }

  #list(from: number, size: number): object {
    // By zone, as the real one lists them.
    const all = [...this.machines.values()].sort((a, b) => (a.region < b.region ? -1 : a.region > b.region ? 1 : 0));
    const [silent] = this.is("zone_unreachable") ? REGIONS : [];
    const shown = all.slice(from, from + size).filter(({ region }) => region !== silent);
    const zones = REGIONS.map((region) => {
      const here = shown.filter((machine) => machine.region === region);
      const code = region === silent ? "UNREACHABLE" : "NO_RESULTS_ON_PAGE";
      const empty = { warning: { code, message: `There are no results for scope 'zones/${region}-b' on this page.` } };
      return [
        `zones/${region}-b`,
        here.length === 0 ? empty : { instances: here.map((one) => written(one, this.secrets)) },
      ];
    });
    const next = this.is("stuck_cursor") ? "ClEKM0" : from + size < all.length ? `ClEKM${from + size}` : undefined;
    return {
      kind: "compute#instanceAggregatedList",
      id: `projects/${PROJECT}/aggregated/instances`,
      items: Object.fromEntries(zones),
      ...(next !== undefined && { nextPageToken: next }),
      ...(this.is("somewhere_unreachable") && { warning: { code: "UNREACHABLE", message: "Some are unreachable." } }),
      ...(silent !== undefined && { unreachables: [`projects/${PROJECT}/zones/${silent}-b`] }),
      selfLink: `${COMPUTE}/projects/${PROJECT}/aggregated/instances`,
    };
  }
}

function written(machine: Machine, [script, sshKey]: readonly string[]): object {
  const { id, name, region, plan, state, address, privateAddress, tags } = machine;
  const zone = `${COMPUTE}/projects/${PROJECT}/zones/${region}-b`;
  return {
    kind: "compute#instance",
    id,
    creationTimestamp: "2024-03-05T07:08:09.123-08:00",
    name,
    tags: { items: ["http-server"], fingerprint: "6smc4R4d39I=" },
    machineType: `${zone}/machineTypes/${plan}`,
    status: STATES[state] ?? state,
    zone,
    networkInterfaces: [
      {
        network: `${COMPUTE}/projects/${PROJECT}/global/networks/default`,
        networkIP: privateAddress,
        name: "nic0",
        accessConfigs: [
          { type: "ONE_TO_ONE_NAT", name: "External NAT", ...(state !== "stopped" && { natIP: address }) },
        ],
        ipv6AccessConfigs: [{ externalIpv6: `2600:1900:4000::${id.slice(-4)}`, externalIpv6PrefixLength: 96 }],
      },
    ],
    disks: [
      {
        type: "PERSISTENT",
        boot: true,
        diskSizeGb: "10",
        licenses: [`${COMPUTE}/projects/debian-cloud/global/licenses/debian-12-bookworm`],
      },
      { type: "PERSISTENT", boot: false, diskSizeGb: "200" },
    ],
    metadata: {
      items: [
        { key: "startup-script-url", value: script },
        { key: "ssh-keys", value: sshKey },
      ],
    },
    serviceAccounts: [{ email: "default", scopes: [] }],
    labels: Object.fromEntries(tags.map((label) => label.split("="))),
    cpuPlatform: "Intel Broadwell",
  };
}

/** In the old place, and in the new one where the reason is of the new kind. */
function refusal(code: number, status: string, reason: string, message: string): Reply {
  const isNew = /^[A-Z_]+$/.test(reason);
  const details = [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason, domain: "googleapis.com" }];
  const errors = [{ message, domain: "global", reason: isNew ? "forbidden" : reason }];
  return json({ error: { code, message, errors, status, ...(isNew && { details }) } }, code);
}
