import { Cloud, type Asked, type Machine, type Reply } from "./cloud.ts";
import { regionOf, signatureRefusal } from "./ec2-signature.ts";

const REGIONS = ["ap-southeast-2", "eu-central-1", "eu-west-1", "us-east-1"];
const PLANS = ["t3.micro", "m7g.large", "c6i.xlarge"];
const TAGS = ["Environment=Production", "Team=R&D <Berlin>", "Backup="];
const STATES: Record<string, number> = {
  pending: 0,
  running: 16,
  "shutting-down": 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

/** EC2's query API (2016-11-15): regions, instances, their status. Signatures are reckoned anew; every region has this one address. */
export class Ec2 extends Cloud {
  readonly credentials = {
    kind: "aws",
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    regions: [] as string[],
  };
  readonly secrets = ["arn:aws:iam::000123456789:instance-profile/admin"];

  protected make(index: number): Machine {
    const { chance } = this;
    const hex = Array.from({ length: 17 }, () => chance.below(16).toString(16)).join("");
    return {
      id: `i-${hex}`,
      name: chance.happens(0.1) ? "" : `api-${index}`,
      region: chance.pick(REGIONS),
      plan: chance.pick(PLANS),
      state: chance.happens(0.1) ? "stopped" : "running",
      address: `18.${chance.below(256)}.${index >> 8}.${index & 255}`,
      privateAddress: `172.31.${index >> 8}.${index & 255}`,
      tags: TAGS.filter(() => chance.happens(0.3)),
    };
  }

  protected nameOf(asked: Asked): string {
    return `${new URLSearchParams(asked.body).get("Action")} ${regionOf(asked)}`;
  }

  protected tooOften(): Reply {
    return refusal(503, "RequestLimitExceeded", "Request limit exceeded.");
  }

  protected answer(asked: Asked): Reply {
    const { credentials } = this;
    this.expect(asked.method === "POST", "not a POST");
    this.expect(asked.headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true, "not a form");
    const refused = signatureRefusal(asked, credentials, Date.now());
    if (refused)
      return refusal(refused[0] === "RequestExpired" ? 400 : refused[0] === "AuthFailure" ? 401 : 403, ...refused);
    if (this.is("key_refused")) {
      return refusal(401, "AuthFailure", "AWS was not able to validate the provided access credentials");
    }
    const form = new URLSearchParams(asked.body);
    this.expect(form.get("Version") === "2016-11-15", "another version");
    const action = form.get("Action") ?? "";
    if (this.is("no_rights"))
      return refusal(403, "UnauthorizedOperation", denial(action, "because no identity-based policy allows it"));
    if (this.is("denied_by_policy")) {
      return refusal(403, "UnauthorizedOperation", denial(action, "with an explicit deny in a service control policy"));
    }
    return this.#act(action, form, regionOf(asked));
  }

  #act(action: string, form: URLSearchParams, region: string): Reply {
    const here = [...this.machines.values()].filter((machine) => machine.region === region);
    switch (action) {
      case "DescribeRegions":
        return document(action, {
          regionInfo: REGIONS.map((regionName) => ({ regionName, optInStatus: "opt-in-not-required" })),
        });
      case "DescribeInstances":
        return this.#part(action, form, here, (part) => ({ reservationSet: reservations(part, this.secrets[0]!) }));
      case "DescribeInstanceStatus": {
        const running = here.filter(({ state }) => state === "running" || form.get("IncludeAllInstances") === "true");
        return this.#part(action, form, running, (part) => ({ instanceStatusSet: part.map(statusOf) }));
      }
      default:
        return refusal(400, "InvalidAction", `The action ${action} is not valid for this web service.`);
    }
  }

  #part(action: string, form: URLSearchParams, all: Machine[], written: (part: Machine[]) => object): Reply {
    const most = Number(form.get("MaxResults") ?? 1_000);
    if (!(most >= 5 && most <= 1_000))
      return refusal(400, "InvalidParameterValue", "MaxResults must be from 5 to 1000.");
    const token = form.get("NextToken");
    const from = token === null ? 0 : Number(/^[+/]+(\d+)=$/.exec(token)?.[1]);
    if (Number.isNaN(from)) return refusal(400, "InvalidParameterValue", "Unable to parse pagination token");
    const next = this.is("stuck_cursor") ? 0 : from + most;
    const nextToken = next < all.length || this.is("stuck_cursor") ? `+/+${next}=` : undefined;
    return document(action, { ...written(all.slice(from, from + most)), nextToken });
  }
}

/** Two machines that were started together make a reservation. */
function reservations(machines: Machine[], profile: string): object[] {
  const pairs = Array.from({ length: Math.ceil(machines.length / 2) }, (_, at) => machines.slice(2 * at, 2 * at + 2));
  return pairs.map((pair, at) => ({
    reservationId: `r-${at}`,
    ownerId: "000123456789",
    groupSet: [],
    instancesSet: pair.map((machine) => instance(machine, profile)),
  }));
}

function instance({ id, name, region, plan, state, address, privateAddress, tags }: Machine, profile: string): object {
  const isThere = state !== "terminated";
  const named = [...(name === "" ? [] : [`Name=${name}`]), "aws:autoscaling:groupName=asg-1", ...tags];
  return {
    instanceId: id,
    imageId: "ami-0abcdef1234567890",
    // The high byte is AWS's own.
    instanceState: { code: STATES[state]! + 256, name: state },
    privateDnsName: isThere ? `ip-${privateAddress.replaceAll(".", "-")}.${region}.compute.internal` : "",
    dnsName: "",
    keyName: "admin",
    instanceType: plan,
    launchTime: "2026-01-20T10:11:12.000Z",
    placement: { availabilityZone: `${region}b`, groupName: "", tenancy: "default" },
    privateIpAddress: isThere ? privateAddress : undefined,
    ipAddress: state === "running" ? address : undefined,
    architecture: "x86_64",
    iamInstanceProfile: { arn: profile, id: "AIPA" },
    tagSet: named.map((tag) => {
      const [key, value] = tag.split("=");
      return { key, value };
    }),
    networkInterfaceSet: isThere
      ? [networkInterface(privateAddress, state === "running" ? address : undefined)]
      : undefined,
    cpuOptions: { coreCount: 2, threadsPerCore: 2 },
    platformDetails: "Linux/UNIX",
  };
}

function networkInterface(privateAddress: string, address: string | undefined): object {
  const association = address === undefined ? undefined : { publicIp: address, ipOwnerId: "amazon" };
  return {
    networkInterfaceId: "eni-1",
    privateIpAddress: privateAddress,
    privateIpAddressesSet: [{ privateIpAddress: privateAddress, primary: true, association }],
    ipv6AddressesSet: [
      { ipv6Address: `2a05:d018::${privateAddress.split(".").slice(2).join(":")}`, isPrimaryIpv6: false },
    ],
  };
}

function statusOf({ id, region, state, isImpaired = false }: Machine): object {
  const check = (status: string) => ({ status, details: [{ name: "reachability", status }] });
  return {
    instanceId: id,
    availabilityZone: `${region}b`,
    instanceState: { code: STATES[state]!, name: state },
    systemStatus: check(isImpaired ? "impaired" : "ok"),
    instanceStatus: check("ok"),
    attachedEbsStatus: check("ok"),
  };
}

function denial(action: string, why: string): string {
  return `You are not authorized to perform this operation. User: arn:aws:iam::000123456789:user/nephos is not authorized to perform: ec2:${action} ${why}`;
}

function document(action: string, body: object): Reply {
  const root = `${action}Response`;
  const content = xml({ requestId: "59dbff89-35bd-4eac-99ed-be587EXAMPLE", ...body });
  return {
    status: 200,
    type: "text/xml;charset=UTF-8",
    body: `${HEAD}\n<${root} xmlns="${NAMESPACE}">${content}</${root}>\n`,
  };
}

function refusal(status: number, code: string, message: string): Reply {
  const content = xml({ Response: { Errors: { Error: { Code: code, Message: message } }, RequestID: "ea966190" } });
  return { status, type: "text/xml;charset=UTF-8", body: `${HEAD}\n${content}` };
}

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>';
const NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/";
const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** Lists as EC2 writes them: `<item>` for each; an absent one is left out. */
function xml(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => `<item>${xml(item)}</item>`).join("");
  if (typeof value !== "object" || value === null) {
    return String(value).replace(/[^ -~]|[&<>]/gu, (sign) => ENTITIES[sign] ?? `&#${sign.codePointAt(0)};`);
  }
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return members.map(([name, member]) => `<${name}>${xml(member)}</${name}>`).join("");
}
