import { rmSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { instanceFactsSchema } from "../contract/ingest.ts";
import { PROVIDER_KINDS } from "../contract/provider-kinds.ts";
import { createAgent } from "./agent.ts";
import { ManualClock, settled } from "./clock-for-tests.ts";
import { cloudOf, readCloudId } from "./cloud-identity.ts";
import { CloudLookup } from "./cloud-lookup.ts";
import { fixture, textsAsProcfs } from "./collectors/fixture-for-tests.ts";
import { configOf } from "./config.ts";
import { startEdge } from "./edge-for-tests.ts";
import { MACHINES, rootAt, startMetadata, type MetadataServer } from "./metadata-for-tests.ts";
import { until } from "./socket-edge-for-tests.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function serving(kind: (typeof PROVIDER_KINDS)[number]): Promise<MetadataServer> {
  const server = await startMetadata(kind);
  closing.push(server.close);
  return server;
}
function rootOf(kind: (typeof PROVIDER_KINDS)[number]): string {
  const root = rootAt(kind);
  closing.push(() => rmSync(root, { recursive: true }));
  return root;
}

describe("the cloud a machine runs on", () => {
  it.each(PROVIDER_KINDS)("is told by firmware and kernel: %s", (kind) => {
    expect(cloudOf(textsAsProcfs(MACHINES[kind].files))).toBe(kind);
  });

  it.each([
    ["vultr", { "/proc/cmdline": "BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro vultr quiet\n" }],
    ["aws", { "/sys/class/dmi/id/sys_vendor": "Amazon EC2\n" }],
    ["aws", { "/sys/class/dmi/id/bios_vendor": "Amazon EC2\n" }],
  ])("is %s where this is all it says: %j", (kind, files) => {
    expect(cloudOf(textsAsProcfs(files))).toBe(kind);
  });

  it.each([
    {},
    { "/sys/class/dmi/id/sys_vendor": "Google\n", "/sys/class/dmi/id/product_name": "Eve\n" },
    { "/sys/class/dmi/id/sys_vendor": "QEMU\n", "/proc/cmdline": "root=/dev/vultr-disk ro\n" },
    { "/sys/hypervisor/uuid": "0ec2e191-9099-7caf-fd21-012345abcdef\n" },
    { "/sys/class/dmi/id/sys_vendor": "Amazon EC2 compatible\n" },
    // The machine is its host, and the container is not.
    { ...MACHINES.vultr.files, "/run/systemd/container": "lxc\n" },
  ])("is none where it says %j", (files) => {
    expect(cloudOf(textsAsProcfs(files))).toBeUndefined();
  });

  it("is none where these files are not for this user", () => {
    const procfs = textsAsProcfs({});
    procfs.text = () => {
      throw Object.assign(new Error("denied"), { code: "EACCES" });
    };
    expect(cloudOf(procfs)).toBeUndefined();
  });
});

describe("the machine's id in its cloud", () => {
  it.each(PROVIDER_KINDS)(
    "is asked of the metadata service of %s as that wants it, and nothing else is",
    async (kind) => {
      const server = await serving(kind);
      const { files, id } = MACHINES[kind];
      expect(await readCloudId(kind, textsAsProcfs(files), server.url)).toBe(id);
      expect(server.complaints).toEqual([]);
      expect(server.requests).toHaveLength(kind === "aws" ? 2 : 1);
      expect(instanceFactsSchema.parse({ id: "i", cloudKind: kind, cloudId: id })).toMatchObject({ cloudId: id });
    },
  );

  it("stands on AWS's newer machines in the firmware, and nobody is asked", async () => {
    const server = await serving("aws");
    const procfs = textsAsProcfs({ "/sys/class/dmi/id/board_asset_tag": "i-0fedcba9876543210\n" });
    expect(await readCloudId("aws", procfs, server.url)).toBe("i-0fedcba9876543210");
    expect(server.requests).toEqual([]);
  });

  it.each([
    ["another form", "<html>please sign in</html>"],
    ["a steering character", "3164444\u001b[2J"],
    ["more than an id", `3164444\n${"x".repeat(100)}`],
    ["no end", "1".repeat(1_000_000)],
    ["nothing", ""],
  ])("is not taken from an answer of %s", async (_, body) => {
    const server = await serving("digitalocean");
    server.answers.push((response) => void response.on("error", () => {}).end(body));
    await expect(readCloudId("digitalocean", textsAsProcfs({}), server.url)).rejects.toThrow(/not an id|longer than/);
  });

  it("is not taken where the answer is a redirect, which is not followed", async () => {
    const server = await serving("hetzner");
    const { url } = await serving("hetzner");
    server.answers.push((response) =>
      response.writeHead(302, { location: `${url}/hetzner/v1/metadata/instance-id` }).end("42"),
    );
    await expect(readCloudId("hetzner", textsAsProcfs({}), server.url)).rejects.toThrow("it answered 302");
  });

  it("is not waited for longer than a second", async () => {
    const server = await serving("vultr");
    server.answers.push(() => {});
    await expect(readCloudId("vultr", textsAsProcfs({}), server.url)).rejects.toThrow("no whole answer within 1 s");
  });

  it("sends no token of AWS's on that could be more than one header", async () => {
    const server = await serving("aws");
    server.answers.push((response) => response.end("token\r\nx-other: 1"));
    await expect(readCloudId("aws", textsAsProcfs({}), server.url)).rejects.toThrow("not a token");
    expect(server.requests).toEqual(["PUT /latest/api/token"]);
  });
});

describe("looking it up", () => {
  function lookup(root: string, metadataUrl: string) {
    const clock = new ManualClock();
    const lines: string[] = [];
    let found = 0;
    const log = { info() {}, warn() {}, debug: (line: string) => void lines.push(line) };
    const cloud = new CloudLookup({ root, clock, log, metadataUrl, found: () => void found++ });
    return { clock, lines, cloud, found: () => found };
  }

  it("asks nobody on a machine that is of no known cloud", async () => {
    const server = await serving("vultr");
    const { cloud, clock, lines, found } = lookup(fixture("debian-vm").root, server.url);
    await cloud.look();
    expect([server.requests, lines, found(), clock.nextDelayMs]).toEqual([[], [], 0, undefined]);
  });

  it("tries again after growing pauses, says one line each time, and ends with the answer", async () => {
    const server = await serving("vultr");
    for (const status of [503, 404]) server.answers.push((response) => response.writeHead(status).end());
    const { cloud, clock, lines, found } = lookup(rootOf("vultr"), server.url);
    await cloud.look();
    await clock.pass(5_000);
    await until(() => lines.length === 2);
    expect(lines).toEqual([
      "Vultr does not tell which machine this is: it answered 503",
      "Vultr does not tell which machine this is: it answered 404",
    ]);
    expect([clock.nextDelayMs, cloud.identity]).toEqual([30_000, undefined]);
    await clock.pass(30_000);
    await until(() => found() === 1);
    expect(cloud.identity).toEqual({ cloudKind: "vultr", cloudId: MACHINES.vultr.id });
    expect(clock.nextDelayMs).toBeUndefined();
  });

  it("gives up after five attempts, and when the agent stops", async () => {
    const server = await serving("vultr");
    for (let count = 0; count < 9; count++) server.answers.push((response) => response.writeHead(500).end());
    const { cloud, clock, lines } = lookup(rootOf("vultr"), server.url);
    await cloud.look();
    for (let attempt = 2; attempt <= 5; attempt++) {
      await clock.pass(clock.nextDelayMs!);
      await until(() => lines.length === attempt);
    }
    await settled();
    expect(clock.nextDelayMs).toBeUndefined();

    const stopped = lookup(rootOf("vultr"), server.url);
    await stopped.cloud.look();
    stopped.cloud.stop();
    expect(stopped.clock.nextDelayMs).toBeUndefined();
    const isAsking = lookup(rootOf("vultr"), server.url);
    const asked = isAsking.cloud.look();
    isAsking.cloud.stop();
    await asked;
    expect(isAsking.clock.nextDelayMs).toBeUndefined();
  });
});

describe("the agent", () => {
  async function running(settings: Record<string, string> = {}) {
    const [metadata, edge] = [await serving("vultr"), await startEdge({ hasSockets: true })];
    let answer!: () => void;
    metadata.answers.push((response) => (answer = () => response.end(MACHINES.vultr.id)));
    const wanted = {
      NEPHOS_ENDPOINT: edge.url,
      NEPHOS_TOKEN: "nep_right",
      NEPHOS_SPOOL_MB: "0",
      NEPHOS_ROOT: rootOf("vultr"),
      ...settings,
    };
    const silent = { info() {}, warn() {}, debug() {} };
    const agent = createAgent(configOf(wanted, "send"), "i-1", new ManualClock(), silent, metadata.url);
    await agent.start();
    closing.push(edge.close, () => agent.stop());
    await until(() => (edge.sockets[0]?.samples.length ?? 0) > 0);
    return { metadata, edge, agent, answer: () => answer() };
  }

  it("does not wait for its cloud, and says on the same socket which machine it is when it knows", async () => {
    const { edge, agent, answer } = await running();
    const [socket] = edge.sockets;
    expect(socket!.hellos.map(({ instance }) => instance.cloudId)).toEqual([undefined]);
    answer();
    await until(() => socket!.hellos.length === 2);
    expect(socket!.hellos[1]!.instance).toMatchObject({ id: "i-1", cloudKind: "vultr", cloudId: MACHINES.vultr.id });
    const envelope = agent.envelopeOf({ stream: "stream-a", samples: [] });
    expect(envelope.instance).toMatchObject({ cloudKind: "vultr", cloudId: MACHINES.vultr.id });
    expect(edge.sockets).toHaveLength(1);
  });

  it("asks nobody where NEPHOS_CLOUD_METADATA is off", async () => {
    const { edge, metadata, agent } = await running({ NEPHOS_CLOUD_METADATA: "off" });
    await agent.lookUpCloud();
    expect(metadata.requests).toEqual([]);
    expect(edge.sockets[0]!.hellos.map(({ instance }) => instance.cloudKind)).toEqual([undefined]);
  });
});
