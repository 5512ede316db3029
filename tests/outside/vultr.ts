import { Cloud, json, type Asked, type Machine, type Reply } from "./cloud.ts";

const REGIONS = [
  { id: "ams", city: "Amsterdam", country: "NL", continent: "Europe", options: ["ddos_protection"] },
  { id: "ewr", city: "New Jersey", country: "US", continent: "North America", options: [] },
  { id: "sgp", city: "Singapore", country: "SG", continent: "Asia", options: [] },
];
const PLANS = [
  { id: "vc2-1c-1gb", vcpu_count: 1, ram: 1_024, disk: 25, bandwidth: 1_024, monthly_cost: 5, type: "vc2" },
  { id: "vc2-2c-4gb", vcpu_count: 2, ram: 4_096, disk: 80, bandwidth: 3_072, monthly_cost: 20, type: "vc2" },
  { id: "vhf-1c-1gb", vcpu_count: 1, ram: 1_024, disk: 32, bandwidth: 1_024, monthly_cost: 6, type: "vhf" },
];
const METAL_PLANS = [
  { id: "vbm-4c-32gb", cpu_count: 4, ram: 32_768, bandwidth: 5_120, monthly_cost: 120, type: "SSD" },
];
const TAGS = ["web", "db", "Team A", "prod/eu"];
/** One in so many machines stands by itself. */
const METAL_EVERY = 50;

/** Vultr's API v2 as its documentation tells of it: instances, bare metal, plans, regions, traffic. */
export class Vultr extends Cloud {
  readonly credentials = { kind: "vultr", apiKey: "VULTRKEY0123456789ABCDEFGHIJKLMNOPQR" };
  readonly secrets = ["vnc-token-7f3a", "pA55w0rd-of-root"];

  protected make(index: number): Machine {
    const { chance } = this;
    const hex = (digits: number) => Array.from({ length: digits }, () => chance.below(16).toString(16)).join("");
    const isMetal = index % METAL_EVERY === METAL_EVERY - 1;
    return {
      id: `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
      name: `web-${index}`,
      region: chance.pick(REGIONS).id,
      plan: isMetal ? METAL_PLANS[0]!.id : chance.pick(PLANS).id,
      state: isMetal || !chance.happens(0.1) ? "running" : "stopped",
      address: `45.${chance.below(256)}.${index >> 8}.${index & 255}`,
      privateAddress: `10.1.${index >> 8}.${index & 255}`,
      tags: TAGS.filter(() => chance.happens(0.3)),
    };
  }

  protected nameOf({ method, url }: Asked): string {
    return `${method} ${url.pathname.replace(/[0-9a-f-]{36}/, "{id}")}`;
  }

  protected tooOften(): Reply {
    return refusal(429, "Rate limit exceeded");
  }

  protected answer(asked: Asked): Reply {
    const { url, headers } = asked;
    this.expect(Boolean(headers["user-agent"]), "no user agent");
    if (asked.method !== "GET") return refusal(405, "Method not allowed");
    const isPublic = ["/v2/regions", "/v2/plans", "/v2/plans-metal"].includes(url.pathname);
    if (isPublic) this.expect(headers.authorization === undefined, "the key where none is asked for");
    else if (headers.authorization !== `Bearer ${this.credentials.apiKey}` || this.is("key_refused")) {
      return refusal(401, "Invalid API token.");
    } else if (this.is("address_refused")) return refusal(401, "Unauthorized IP address: 2a06:98c0:3600::103");
    else if (this.is("no_rights")) return refusal(403, "Forbidden");
    return this.#resource(url);
  }

  #resource(url: URL): Reply {
    const all = [...this.machines.values()];
    if (url.pathname === "/v2/regions") return this.#part(url, "regions", REGIONS);
    if (url.pathname === "/v2/plans") return this.#part(url, "plans", PLANS);
    if (url.pathname === "/v2/plans-metal") return this.#part(url, "plans_metal", METAL_PLANS);
    if (url.pathname === "/v2/instances") {
      const list = all.filter((machine) => !isMetal(machine));
      return this.#part(url, "instances", list, (machine) => this.#instance(machine));
    }
    if (url.pathname === "/v2/bare-metals") return this.#part(url, "bare_metals", all.filter(isMetal), bareMetal);
    const [, kind, id] = /^\/v2\/(instances|bare-metals)\/([^/]+)\/bandwidth$/.exec(url.pathname) ?? [];
    const machine = this.machines.get(id ?? "");
    if (!machine || isMetal(machine) !== (kind === "bare-metals")) return refusal(404, "Invalid instance.");
    return json({ bandwidth: TRAFFIC });
  }

  /** Its cursor is base64 of where it goes on; more than 500 at once it does not give. */
  #part<Item>(url: URL, key: string, items: Item[], written: (item: Item) => unknown = (item) => item): Reply {
    const perPage = Number(url.searchParams.get("per_page") ?? 100);
    if (!(perPage >= 1 && perPage <= 500)) return refusal(400, "Invalid per_page");
    const cursor = url.searchParams.get("cursor") ?? "";
    const from = cursor === "" ? 0 : Number(/^next__(\d+)$/.exec(atob(cursor))?.[1]);
    if (Number.isNaN(from)) return refusal(400, "Invalid cursor");
    const hasMore = from + perPage < items.length;
    const next = this.is("stuck_cursor") ? btoa("next__0") : hasMore ? btoa(`next__${from + perPage}`) : "";
    const shown = items.slice(from, from + perPage).map(written);
    return json({ [key]: shown, meta: { total: items.length, links: { next, prev: "" } } });
  }

  #instance({ id, name, plan, state, address, privateAddress, tags, region }: Machine): unknown {
    const { ram, disk, vcpu_count, bandwidth } = PLANS.find((offered) => offered.id === plan)!;
    return {
      id,
      os: "Debian 12 x64 (bookworm)",
      ram,
      disk,
      main_ip: address,
      vcpu_count,
      region,
      plan,
      date_created: "2024-03-05T07:08:09+00:00",
      status: ["pending", "suspended", "resizing"].includes(state) ? state : "active",
      allowed_bandwidth: bandwidth,
      netmask_v4: "255.255.254.0",
      gateway_v4: "45.76.0.1",
      power_status: state === "stopped" ? "stopped" : "running",
      server_status: state === "installingbooting" ? state : "ok",
      v6_network: "2001:db8:5:6bb::",
      v6_main_ip: "",
      v6_network_size: 64,
      label: name,
      internal_ip: privateAddress,
      kvm: `https://my.vultr.com/subs/vps/novnc/api.php?data=${this.secrets[0]}`,
      default_password: this.secrets[1],
      hostname: "vultr.guest",
      tag: tags[0] ?? "",
      tags,
      os_id: 2136,
      app_id: 0,
      image_id: "",
      firewall_group_id: "",
      features: ["ipv6"],
      user_scheme: "root",
    };
  }
}

const TRAFFIC = {
  "2026-01-31": { incoming_bytes: 7_000_000, outgoing_bytes: 900_000_000 },
  "2026-02-01": { incoming_bytes: 5_000_000, outgoing_bytes: 100_000_000 },
  "2026-02-02": { incoming_bytes: 6_000_000, outgoing_bytes: 200_000_000 },
};

function isMetal({ plan }: Machine): boolean {
  return plan === METAL_PLANS[0]!.id;
}

function bareMetal({ id, name, plan, address, tags, region }: Machine): unknown {
  return {
    id,
    os: "Ubuntu 24.04 LTS x64",
    ram: "32768 MB",
    disk: "2x 240 GB SSD",
    main_ip: address,
    cpu_count: 4,
    region,
    plan,
    date_created: "2023-11-12 13:14:15",
    status: "active",
    netmask_v4: "255.255.254.0",
    gateway_v4: "45.76.0.1",
    v6_main_ip: "2001:db8:9000::100",
    mac_address: 189_250_955_239_968,
    label: name,
    tag: "",
    tags,
  };
}

function refusal(status: number, error: string): Reply {
  return json({ error, status }, status);
}
