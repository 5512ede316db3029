import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ProviderKind } from "../contract/provider-kinds.ts";
import { fixtureRoot } from "./collectors/fixture-for-tests.ts";

/** What firmware and kernel say on a machine of each cloud, and the id its metadata service gives it. */
export const MACHINES: Record<ProviderKind, { files: Record<string, string>; id: string }> = {
  vultr: {
    files: { "/sys/class/dmi/id/sys_vendor": "Vultr\n", "/sys/class/dmi/id/product_name": "VC2\n" },
    id: "cb676a46-66fd-4dfb-b839-443f2e6c0b60",
  },
  aws: {
    files: {
      "/sys/class/dmi/id/sys_vendor": "Xen\n",
      "/sys/hypervisor/uuid": "ec2e1916-9099-7caf-fd21-012345abcdef\n",
    },
    id: "i-0a1b2c3d4e5f60718",
  },
  gcp: {
    files: {
      "/sys/class/dmi/id/sys_vendor": "Google\n",
      "/sys/class/dmi/id/product_name": "Google Compute Engine\n",
    },
    // Beyond what a number holds exactly.
    id: "7993721387142383641",
  },
  digitalocean: {
    files: { "/sys/class/dmi/id/sys_vendor": "DigitalOcean\n", "/sys/class/dmi/id/product_name": "Droplet\n" },
    id: "3164444",
  },
  hetzner: {
    files: { "/sys/class/dmi/id/sys_vendor": "Hetzner\n", "/sys/class/dmi/id/product_name": "vServer\n" },
    id: "42",
  },
};

/** A root of files like a machine of this cloud. */
export function rootAt(kind: ProviderKind): string {
  const root = mkdtempSync(join(tmpdir(), "nephos-cloud-"));
  cpSync(fixtureRoot("debian-vm"), root, { recursive: true });
  for (const [path, text] of Object.entries(MACHINES[kind].files)) {
    mkdirSync(dirname(root + path), { recursive: true });
    writeFileSync(root + path, text);
  }
  return root;
}

export interface MetadataServer {
  url: string;
  requests: string[];
  /** What was asked of it that this agent has no business with, or not as the cloud wants it asked. */
  complaints: string[];
  /** What to do with the next requests, in order; after them it answers as the cloud does. */
  answers: ((response: ServerResponse) => void)[];
  close(): Promise<void>;
}

const IDS: Partial<Record<string, ProviderKind>> = {
  "/v1/instance-v2-id": "vultr",
  "/latest/meta-data/instance-id": "aws",
  "/computeMetadata/v1/instance/id": "gcp",
  "/metadata/v1/id": "digitalocean",
  "/hetzner/v1/metadata/instance-id": "hetzner",
};
const TOKEN = "AQAEAKyw1XcUpJm2oGXCyP3r2nPyyNpTAdqXMSwcWC0g0g-3jVmDMQ==";

/** The metadata service of one cloud; what is not asked as that cloud wants it is refused, as there. */
export async function startMetadata(cloud: ProviderKind): Promise<MetadataServer> {
  const told: Omit<MetadataServer, "url" | "close"> = { requests: [], complaints: [], answers: [] };
  const refuse = (response: ServerResponse, status: number, complaint: string) => {
    told.complaints.push(complaint);
    response.writeHead(status, { "content-type": "text/plain" }).end("refused");
  };

  function answer({ method, url = "", headers }: IncomingMessage, response: ServerResponse): void {
    told.requests.push(`${method} ${url}`);
    const next = told.answers.shift();
    if (next) return next(response);
    if (cloud === "aws" && url === "/latest/api/token") {
      const seconds = Number(headers["x-aws-ec2-metadata-token-ttl-seconds"]);
      if (method !== "PUT") return refuse(response, 405, "a token is asked for with PUT");
      if (!(seconds >= 1 && seconds <= 21_600)) return refuse(response, 400, "a token lasts 1 to 21600 seconds");
      return void response.end(TOKEN);
    }
    if (method !== "GET" || IDS[url] !== cloud) return refuse(response, 404, `${method} ${url} was asked of ${cloud}`);
    if (cloud === "aws" && headers["x-aws-ec2-metadata-token"] !== TOKEN) return refuse(response, 401, "no token");
    if (cloud === "gcp" && headers["metadata-flavor"] !== "Google") return refuse(response, 403, "no Metadata-Flavor");
    response.end(MACHINES[cloud].id);
  }

  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(told, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}
