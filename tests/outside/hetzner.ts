import { Cloud, json, type Asked, type Machine, type Reply } from "./cloud.ts";

const LOCATIONS = [
  {
    id: 1,
    name: "fsn1",
    description: "Falkenstein DC Park 1",
    country: "DE",
    city: "Falkenstein",
    network_zone: "eu-central",
  },
  {
    id: 3,
    name: "hel1",
    description: "Helsinki DC Park 1",
    country: "FI",
    city: "Helsinki",
    network_zone: "eu-central",
  },
  { id: 4, name: "ash", description: "Ashburn, VA", country: "US", city: "Ashburn, VA", network_zone: "us-east" },
];
const TYPES = [
  { id: 22, name: "cpx11", cores: 2, memory: 2.0, disk: 40, net: 4.35 },
  { id: 104, name: "cx22", cores: 2, memory: 4.0, disk: 40, net: 3.79 },
  { id: 96, name: "ccx13", cores: 2, memory: 8.0, disk: 80, net: 12.49 },
];
const LABELS = ["env=prod", "role=Web_Server", "backup="];
const STATES: Record<string, string> = { stopped: "off" };
const TB = 2 ** 40;

/** Hetzner Cloud's API v1: the servers of a project. It says where a server is in the old way or the new one, by chance. */
export class Hetzner extends Cloud {
  readonly credentials = { kind: "hetzner", token: "LRK9DAWQ1ZAEFSrCNEEzLCUwhYX1U3g7wMg4dTlkkDC96fyDuyJ39nVbVjCKSDfj" };
  readonly secrets = ["server.secret-customer.example", "86:00:ff:2a:7d:e1"];
  #made = 0;

  protected make(index: number): Machine {
    const { chance } = this;
    return {
      id: String(42_000_000 + 3 * this.#made++),
      name: `srv-${index}`,
      region: chance.pick(LOCATIONS).name,
      plan: chance.pick(TYPES).name,
      state: chance.happens(0.1) ? "stopped" : "running",
      address: `78.${chance.below(256)}.${index >> 8}.${index & 255}`,
      privateAddress: `10.0.${index >> 8}.${index & 255}`,
      tags: LABELS.filter(() => chance.happens(0.3)),
    };
  }

  protected nameOf({ method, url }: Asked): string {
    return `${method} ${url.pathname}`;
  }

  protected tooOften(): Reply {
    return refusal(429, "rate_limit_exceeded", "limit of 3600 requests per hour reached");
  }

  protected answer({ method, url, headers }: Asked): Reply {
    this.expect(Boolean(headers["user-agent"]), "no user agent");
    if (headers.authorization !== `Bearer ${this.credentials.token}` || this.is("key_refused")) {
      return refusal(401, "unauthorized", "the token you are using is invalid");
    }
    if (this.is("no_rights")) return refusal(403, "forbidden", "insufficient permissions for this request");
    if (method !== "GET" || url.pathname !== "/v1/servers") return refusal(404, "not_found", "not found");
    const { sort, page = "1", per_page: perPage = "25" } = Object.fromEntries(url.searchParams);
    this.expect(sort === "id:asc", "an order that a new server changes");
    return this.#part(Number(page), Number(perPage));
  }

  /** More than 50 at once it does not give, and says nothing of it. */
  #part(page: number, asked: number): Reply {
    if (!(page >= 1) || !(asked >= 1)) return refusal(400, "invalid_input", "invalid input in field 'page'");
    const perPage = Math.min(asked, 50);
    this.expect(asked === perPage, "more in a page than there may be");
    const machines = [...this.machines.values()];
    const last = Math.max(1, Math.ceil(machines.length / perPage));
    const pagination = {
      page,
      per_page: perPage,
      previous_page: page > 1 ? page - 1 : null,
      next_page: this.is("stuck_cursor") ? page : page < last ? page + 1 : null,
      last_page: last,
      total_entries: machines.length,
    };
    const servers = machines
      .slice((page - 1) * perPage, page * perPage)
      .map((machine) => server(machine, this.secrets));
    return json({ servers, meta: { pagination } });
  }
}

function server(machine: Machine, secrets: readonly string[]): unknown {
  const { id, name, plan, state, tags } = machine;
  const place = LOCATIONS.find((one) => one.name === machine.region)!;
  const isNew = Number(id) % 2 === 0;
  return {
    id: Number(id),
    name,
    status: STATES[state] ?? state,
    created: "2024-01-30T23:55:00+00:00",
    ...networks(machine, secrets),
    server_type: typeOf(plan),
    ...(isNew ? { location: place } : { datacenter: { id: 4, name: `${place.name}-dc14`, location: place } }),
    image: isNew
      ? { id: 114_690_387, type: "system", name: "debian-12", description: "Debian 12", os_flavor: "debian" }
      : null,
    iso: null,
    rescue_enabled: false,
    locked: false,
    backup_window: null,
    outgoing_traffic: isNew ? 123_456_789_012 : null,
    ingoing_traffic: isNew ? 45_678_901_234 : null,
    included_traffic: isNew ? 20 * TB : null,
    protection: { delete: false, rebuild: false },
    labels: Object.fromEntries(tags.map((label) => label.split("="))),
    volumes: [],
    primary_disk_size: 40,
  };
}

function networks({ address, privateAddress, isImpaired = false }: Machine, [owner, mac]: readonly string[]): object {
  const part = address.split(".").slice(2).join("");
  return {
    public_net: {
      ipv4: address === "" ? null : { id: 1, ip: address, blocked: isImpaired, dns_ptr: owner },
      ipv6: {
        id: 2,
        ip: `2a01:4f8:c17:${part || "0"}::/64`,
        blocked: false,
        dns_ptr: [{ ip: "2a01::1", dns_ptr: owner }],
      },
      floating_ips: [],
      firewalls: [],
    },
    private_net: [{ network: 4711, ip: privateAddress, alias_ips: [], mac_address: mac }],
  };
}

function typeOf(plan: string): object {
  const { net, ...type } = TYPES.find((offered) => offered.name === plan)!;
  const price = (times: number) => ({ net: (net * times).toFixed(10), gross: (net * times * 1.19).toFixed(16) });
  const prices = LOCATIONS.map(({ name }, at) => ({
    location: name,
    price_hourly: price(0.0016),
    price_monthly: price(1 + at / 10),
    included_traffic: 20 * TB,
    price_per_tb_traffic: price(0.25),
  }));
  return { ...type, description: type.name.toUpperCase(), cpu_type: "shared", architecture: "x86", prices };
}

function refusal(status: number, code: string, message: string): Reply {
  return json({ error: { code, message, details: null } }, status);
}
