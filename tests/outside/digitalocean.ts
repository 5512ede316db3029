import { Cloud, json, type Asked, type Machine, type Reply } from "./cloud.ts";

const REGIONS = [
  { slug: "fra1", name: "Frankfurt 1" },
  { slug: "nyc3", name: "New York 3" },
  { slug: "sgp1", name: "Singapore 1" },
];
const SIZES = [
  { slug: "s-1vcpu-512mb-10gb", memory: 512, vcpus: 1, disk: 10, transfer: 0.5, price_monthly: 4 },
  { slug: "s-1vcpu-1gb", memory: 1_024, vcpus: 1, disk: 25, transfer: 1, price_monthly: 6 },
  { slug: "s-2vcpu-4gb", memory: 4_096, vcpus: 2, disk: 80, transfer: 4, price_monthly: 24 },
];
const GPU = { slug: "gpu-h100x1-80gb", memory: 245_760, vcpus: 20, disk: 720, transfer: 15, price_monthly: 2_522.16 };
const TAGS = ["web", "db", "Team_A", "env:prod"];
const STATES: Record<string, string> = { running: "active", stopped: "off" };
/** One in so many machines has a graphics processor. */
const GPU_EVERY = 40;

/** DigitalOcean's API v2: droplets. The addresses of its pages are its own, whatever address it was asked at. */
export class DigitalOcean extends Cloud {
  readonly credentials = { kind: "digitalocean", token: "dop_v1_0123456789abcdef0123456789abcdef" };
  readonly secrets = ["kernel-of-the-house", "5a4981aa-9653-4bd1-bef5-d6bff52042e4"];
  #made = 0;

  protected make(index: number): Machine {
    const { chance } = this;
    const isGpu = index % GPU_EVERY === GPU_EVERY - 1;
    return {
      id: String(3_164_000 + 7 * this.#made++),
      name: `droplet-${index}`,
      region: chance.pick(REGIONS).slug,
      plan: isGpu ? GPU.slug : chance.pick(SIZES).slug,
      state: chance.happens(0.1) ? "stopped" : "running",
      address: `104.${chance.below(256)}.${index >> 8}.${index & 255}`,
      privateAddress: `10.110.${index >> 8}.${index & 255}`,
      tags: TAGS.filter(() => chance.happens(0.3)),
    };
  }

  protected nameOf({ method, url }: Asked): string {
    return `${method} ${url.pathname} ${url.searchParams.get("type") ?? "droplets"}`;
  }

  protected tooOften(): Reply {
    return refusal(429, "too_many_requests", "API Rate limit exceeded.");
  }

  protected answer({ method, url, headers }: Asked): Reply {
    this.expect(Boolean(headers["user-agent"]), "no user agent");
    if (headers.authorization !== `Bearer ${this.credentials.token}` || this.is("key_refused")) {
      return refusal(401, "Unauthorized", "Unable to authenticate you");
    }
    if (this.is("no_rights")) return refusal(403, "Forbidden", "You are not authorized to perform this operation");
    if (method !== "GET" || url.pathname !== "/v2/droplets") {
      return refusal(404, "not_found", "The resource you were accessing could not be found.");
    }
    const isOfGpus = url.searchParams.get("type") === "gpus";
    return this.#part(
      url,
      [...this.machines.values()].filter(({ plan }) => (plan === GPU.slug) === isOfGpus),
    );
  }

  #part({ searchParams }: URL, machines: Machine[]): Reply {
    const perPage = Number(searchParams.get("per_page") ?? 20);
    const page = Number(searchParams.get("page") ?? 1);
    if (!(perPage >= 1 && perPage <= 200) || !(page >= 1)) {
      return refusal(422, "unprocessable_entity", "Page size is limited to 200");
    }
    const last = Math.ceil(machines.length / perPage);
    const at = (number: number) => {
      const query = new URLSearchParams({ ...Object.fromEntries(searchParams), page: String(number) });
      return `https://api.digitalocean.com/v2/droplets?${query}`;
    };
    const next = this.is("stuck_cursor") ? at(page) : page < last ? at(page + 1) : undefined;
    const droplets = machines.slice((page - 1) * perPage, page * perPage).map((one) => droplet(one, this.secrets));
    const links =
      next === undefined && page === 1 ? {} : { pages: { ...(next !== undefined && { next, last: at(last) }) } };
    return { ...json({ droplets, links, meta: { total: machines.length } }), headers: LIMITS };
  }
}

const LIMITS = { "ratelimit-limit": "5000", "ratelimit-remaining": "4816", "ratelimit-reset": "1444931833" };

function droplet(machine: Machine, [kernel, vpc]: readonly string[]): unknown {
  const { id, name, region, plan, state, address, privateAddress, tags } = machine;
  const { slug, ...size } = [...SIZES, GPU].find((offered) => offered.slug === plan)!;
  const place = { ...REGIONS.find((one) => one.slug === region)!, features: ["metadata"], available: true, sizes: [] };
  return {
    id: Number(id),
    name,
    memory: size.memory,
    vcpus: size.vcpus,
    disk: size.disk,
    locked: false,
    status: STATES[state] ?? state,
    kernel: { id: 2_233, name: kernel, version: "3.13.0" },
    created_at: "2024-07-21T10:00:00Z",
    features: ["backups", "private_networking", "ipv6"],
    backup_ids: [],
    snapshot_ids: [],
    image: { id: 6_918_990, name: "24.04 (LTS) x64", distribution: "Ubuntu", slug: "ubuntu-24-04-x64", public: true },
    volume_ids: [],
    size: { slug, ...size, price_hourly: size.price_monthly / 672, regions: [region], available: true },
    size_slug: slug,
    networks: {
      v4: [
        { ip_address: privateAddress, netmask: "255.255.240.0", gateway: "", type: "private" },
        { ip_address: address, netmask: "255.255.240.0", gateway: "104.131.176.1", type: "public" },
      ],
      v6: [
        {
          ip_address: `2604:a880:0:1010::${id.slice(-4)}`,
          netmask: 64,
          gateway: "2604:a880:0:1010::1",
          type: "public",
        },
      ],
    },
    region: place,
    tags,
    vpc_uuid: vpc,
  };
}

function refusal(status: number, id: string, message: string): Reply {
  return json({ id, message, request_id: "4d9d8375-3c56-4925-a3e7-eb137fed17e9" }, status);
}
