import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { CloudflareApi, type Account } from "./outside/cloudflare-api.ts";

export const ROOT = resolve(import.meta.dirname, "..");
export const TOKEN = "a-token-that-may-do-all-that-is-needed";
export const ACCOUNT: Account = { id: "0123456789abcdef0123456789abcdef", name: "Somebody" };

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Somebody's Cloudflare account, and a machine of theirs to run our scripts on. */
export class InAccount {
  readonly api: CloudflareApi;
  readonly #address: string;
  /** Holds what wrangler and the scripts keep outside the repository, so that leftovers can be seen. */
  readonly #home: string;

  private constructor(api: CloudflareApi, address: string, home: string) {
    this.api = api;
    this.#address = address;
    this.#home = home;
  }

  static async open(accounts: readonly Account[] = [ACCOUNT]): Promise<InAccount> {
    const api = new CloudflareApi(TOKEN, accounts);
    return new InAccount(api, await api.listen(), await mkdtemp(join(tmpdir(), "nephos-deploy-test-")));
  }

  async end(): Promise<void> {
    await this.api.close();
    await rm(this.#home, { recursive: true, force: true });
  }

  run(
    script: string,
    args: readonly string[] = [],
    env: Record<string, string> = { CLOUDFLARE_API_TOKEN: TOKEN },
  ): Promise<Outcome> {
    const inherited = Object.entries(process.env).filter(([name]) => !/^(CLOUDFLARE|CF|WRANGLER|VITEST)_?/.test(name));
    const child = spawn(process.execPath, [join(ROOT, "scripts", script), ...args], {
      cwd: ROOT,
      env: {
        ...Object.fromEntries(inherited),
        XDG_CONFIG_HOME: this.#home,
        HOME: this.#home,
        TMPDIR: this.#home,
        TEMP: this.#home,
        CLOUDFLARE_API_BASE_URL: this.#address,
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    return new Promise((done, fail) => {
      child.on("error", fail);
      child.on("close", (code) => {
        done({ code, stdout, stderr });
      });
    });
  }

  async leftovers(): Promise<string[]> {
    return (await readdir(this.#home)).filter((name) => name.startsWith("nephos-deploy-"));
  }
}
