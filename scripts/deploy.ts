import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { build } from "./build.ts";
import { findAccount } from "./deploy/account.ts";
import { writeConfig } from "./deploy/config.ts";
import { Refusal } from "./deploy/refusal.ts";
import { DATABASE, ensureDatabase, migrate, signInLink, upload } from "./deploy/steps.ts";
import { masked, signalWrangler } from "./deploy/wrangler.ts";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const STEPS = 7;

/** Puts Nephos into the owner's Cloudflare account, or brings it up to date there. Returns the exit code. */
export async function deploy(): Promise<number> {
  let step = "";
  let count = 0;
  const begin = (what: string): void => {
    count += 1;
    step = `${String(count)}/${String(STEPS)} ${what}`;
    console.log(step);
  };
  const note = (what: string): void => {
    console.log(`    ${what}`);
  };

  stopOnSignals();
  try {
    begin("Credentials");
    const account = await findAccount(ROOT);
    note(`account ${account.name} (${account.id})`);
    // Said with every call, so that an account remembered from an earlier sign-in is never used instead.
    const options = { root: ROOT, env: { CLOUDFLARE_ACCOUNT_ID: account.id } };

    begin("Dashboard and agent are built");
    await build({ quiet: true });

    begin(`Database ${DATABASE}`);
    const database = await ensureDatabase(options);
    note(database.created ? `created: ${database.id}` : `there already: ${database.id}`);

    begin("Configuration");
    const config = await writeConfig(ROOT, database.id);
    note(".nephos/deploy/wrangler.toml");

    begin("Tables of the database");
    await migrate(config, options);

    begin("Worker, dashboard and session secret");
    const worker = await upload(config, options);
    note(worker.url);
    note(worker.secretCreated ? "session secret: created" : "session secret: kept");

    begin("Your sign-in link");
    const link = await signInLink(worker.url, config, options);
    console.log(`\nNephos runs at ${worker.url}\nSign in here, once, within 15 minutes:\n\n  ${link}\n`);
    note("A new workers.dev address can take a minute to answer. A new link: `npm run deploy` again.");
    return 0;
  } catch (error) {
    const message = withoutStack(error instanceof Error ? error.message : String(error));
    const remedy =
      error instanceof Refusal
        ? error.remedy
        : "Run `npm ci`, then `npm run deploy` again. docs/operations.md says more about each step.";
    console.error(`\nStopped at step ${step}.\n${masked(message)}\n\nWhat to do:\n${masked(remedy)}`);
    return 1;
  }
}

function withoutStack(text: string): string {
  return stripVTControlCharacters(text)
    .split("\n")
    .filter((line) => !/^\s+at .*[:)]/.test(line))
    .join("\n");
}

/** Ends wrangler and with it the deployment, so that nothing secret is left in a file. */
function stopOnSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (!signalWrangler(signal)) process.exit(1);
    });
  }
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = await deploy();
}
