import { PROVIDER_KINDS, type ProviderKind } from "../contract/provider-kinds.ts";
import type { DurationMs } from "../contract/units.ts";
import { exchange } from "./http-request.ts";
import type { Procfs } from "./procfs.ts";

/** A machine as its cloud knows it: what a provider's list and this agent are matched by. */
export interface CloudIdentity {
  cloudKind: ProviderKind;
  cloudId: string;
}

/** Every cloud answers its machines at this one address, which leads out of none of them. */
export const METADATA_URL = "http://169.254.169.254";
const ANSWER_LIMIT_MS: DurationMs = 1_000;
/** Ids are far shorter, and so is AWS's token. */
const ANSWER_BYTES_MAX = 256;
/** AWS's token is used at once. */
const TOKEN_SECONDS = 60;

interface Cloud {
  /** Where the id alone stands; what stands beside it, user data above all, is no business of the agent's. */
  path: string;
  id: RegExp;
  headers?: Record<string, string>;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const DECIMAL = /^\d{1,20}$/;
const CLOUDS: Record<ProviderKind, Cloud> = {
  vultr: { path: "/v1/instance-v2-id", id: UUID },
  aws: { path: "/latest/meta-data/instance-id", id: /^i-[0-9a-f]{8,17}$/ },
  gcp: { path: "/computeMetadata/v1/instance/id", id: DECIMAL, headers: { "metadata-flavor": "Google" } },
  digitalocean: { path: "/metadata/v1/id", id: DECIMAL },
  hetzner: { path: "/hetzner/v1/metadata/instance-id", id: DECIMAL },
};

/** The firmware's words are compared whole: "Google" alone is also on laptops. */
const SIGNS: Record<ProviderKind, (procfs: Procfs) => boolean> = {
  vultr: (procfs) => dmi(procfs, "sys_vendor") === "Vultr" || kernelWords(procfs).includes("vultr"),
  // The older virtual machines, on Xen, have no such firmware but an id that begins so.
  aws: (procfs) =>
    dmi(procfs, "sys_vendor") === "Amazon EC2" ||
    dmi(procfs, "bios_vendor") === "Amazon EC2" ||
    line(procfs, "/sys/hypervisor/uuid").startsWith("ec2"),
  gcp: (procfs) => dmi(procfs, "product_name") === "Google Compute Engine",
  digitalocean: (procfs) => dmi(procfs, "sys_vendor") === "DigitalOcean",
  hetzner: (procfs) => dmi(procfs, "sys_vendor") === "Hetzner",
};

/** The cloud whose machine this is, by what firmware and kernel say; nobody is asked to find out. */
export function cloudOf(procfs: Procfs): ProviderKind | undefined {
  // A container shows the firmware of its host, and is not what the cloud lists.
  if (line(procfs, "/run/systemd/container") !== "") return undefined;
  return PROVIDER_KINDS.find((kind) => SIGNS[kind](procfs));
}

/** The machine's id in this cloud. Throws where it cannot be had. */
export async function readCloudId(kind: ProviderKind, procfs: Procfs, metadataUrl: string): Promise<string> {
  const { path, id, headers } = CLOUDS[kind];
  if (kind === "aws") {
    const tag = dmi(procfs, "board_asset_tag");
    if (id.test(tag)) return tag;
  }
  const answer = await ask(metadataUrl + path, { ...headers, ...(kind === "aws" && (await tokenOf(metadataUrl))) });
  if (!id.test(answer)) throw new Error("the answer is not an id of this cloud");
  return answer;
}

/** AWS answers only who has first asked for a token (IMDSv2). */
async function tokenOf(metadataUrl: string): Promise<Record<string, string>> {
  const wanted = { "x-aws-ec2-metadata-token-ttl-seconds": String(TOKEN_SECONDS) };
  const token = await ask(`${metadataUrl}/latest/api/token`, wanted, "PUT");
  if (!/^[\x21-\x7e]+$/.test(token)) throw new Error("the answer is not a token");
  return { "x-aws-ec2-metadata-token": token };
}

async function ask(url: string, headers: Record<string, string>, method: "GET" | "PUT" = "GET"): Promise<string> {
  const reply = await exchange({
    url,
    method,
    // Asked once: the connection is not kept.
    headers: { ...headers, connection: "close" },
    timeoutMs: ANSWER_LIMIT_MS,
    replyBytesMax: ANSWER_BYTES_MAX,
  });
  if (reply.status !== 200) throw new Error(`it answered ${reply.status}`);
  return reply.body.trim();
}

function dmi(procfs: Procfs, field: string): string {
  return line(procfs, `/sys/class/dmi/id/${field}`);
}

function kernelWords(procfs: Procfs): string[] {
  return line(procfs, "/proc/cmdline").split(/\s+/);
}

/** Empty where it is not there, or not for this user. */
function line(procfs: Procfs, path: string): string {
  try {
    return procfs.text(path)?.trim() ?? "";
  } catch {
    return "";
  }
}
