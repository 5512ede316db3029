import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "./build.ts";
import { findAccount } from "./deploy/account.ts";
import { writeConfig } from "./deploy/config.ts";
import { DATABASE, ensureDatabase, migrate, signInLink, upload } from "./deploy/steps.ts";
import { inWords, stopOnSignals } from "./deploy/wrangler.ts";

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

    begin("Worker, dashboard and secrets");
    const worker = await upload(config, options);
    note(worker.url);
    note(`session secret: ${worker.sessionSecretCreated ? "created" : "kept"}`);
    note(`encryption key: ${worker.encryptionKeyCreated ? "created" : "kept"}`);

    begin("Your sign-in link");
    const link = await signInLink(worker.url, config, options);
    console.log(`\nNephos runs at ${worker.url}\nSign in here, once, within 15 minutes:\n\n  ${link}\n`);
    note("A new workers.dev address can take a minute to answer. A new link: `npm run deploy` again.");
    return 0;
  } catch (error) {
    const otherwise = "Run `npm ci`, then `npm run deploy` again. docs/operations.md says more about each step.";
    console.error(`\nStopped at step ${step}.\n${inWords(error, otherwise)}`);
    return 1;
  }
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = await deploy();
}
