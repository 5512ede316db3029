import { createHash } from "node:crypto";
import { chmod, copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

export interface AgentBuild {
  version: string;
  bundlePath: string;
  sha256: string;
}

/**
 * Given to Node by the installed starter. Text never becomes code: `eval` and its like throw. Interpreted, the agent needs 4 MB less and a few milliseconds more every half
 * minute, and the unit can forbid memory that is both written and run. The heaps: it makes little garbage, and small ones
 * keep it from growing to what a server program would want.
 */
export const NODE_FLAGS =
  "--jitless --disallow-code-generation-from-strings --max-semi-space-size=1 --max-old-space-size=64";

const HERE = import.meta.dirname;

/** Everything a machine needs to become watched: the agent as one file, its unit, and an installer that knows its checksum. */
export async function buildAgent(outDir: string): Promise<AgentBuild> {
  const { version } = JSON.parse(await readFile(join(HERE, "../package.json"), "utf8")) as { version: string };
  await mkdir(outDir, { recursive: true });
  const bundlePath = join(outDir, "nephos-agent.mjs");
  await build({
    entryPoints: [join(HERE, "main.ts")],
    outfile: bundlePath,
    bundle: true,
    platform: "node",
    target: "node18",
    format: "esm",
    charset: "utf8",
    legalComments: "none",
    define: { NEPHOS_AGENT_VERSION: JSON.stringify(version) },
    logLevel: "warning",
  });
  const sha256 = createHash("sha256")
    .update(await readFile(bundlePath))
    .digest("hex");
  await writeFile(`${bundlePath}.sha256`, `${sha256}  nephos-agent.mjs\n`);
  const unitPath = join(outDir, "nephos-agent.service");
  await copyFile(join(HERE, "nephos-agent.service"), unitPath);
  const installPath = join(outDir, "install.sh");
  const values = { VERSION: version, SHA256: sha256, UNIT_SHA256: await sha256Of(unitPath), NODE_FLAGS };
  const installer = await readFile(join(HERE, "install.sh"), "utf8");
  await writeFile(
    installPath,
    installer.replace(/@(VERSION|SHA256|UNIT_SHA256|NODE_FLAGS)@/g, (_, name: keyof typeof values) => values[name]),
  );
  await chmod(installPath, 0o755);
  return { version, bundlePath, sha256 };
}

async function sha256Of(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}

if (import.meta.main) console.log(JSON.stringify(await buildAgent(process.argv[2] ?? join(HERE, "../dist/agent"))));
