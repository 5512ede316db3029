import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Refusal } from "./deploy/refusal.ts";
import { inWords, stopOnSignals } from "./deploy/wrangler.ts";
import * as local from "./rotate/local.ts";
import * as production from "./rotate/production.ts";

const ROOT = join(import.meta.dirname, "..");

const HELP = `A new key for the secrets in the database

  npm run secrets:rotate                adds a key; the Worker seals everything anew with it
  npm run secrets:rotate -- --finish    removes the older keys, once nothing is sealed with them any more

Options
  --local       of \`npm start\` on this machine, instead of the Nephos in your Cloudflare account
  --state DIR   with --local: where its database is kept (.nephos/local)
`;

/** Adds an encryption key, or removes those that are no longer needed. docs/operations.md tells of both. */
async function rotate(args: string[]): Promise<void> {
  const { help, finish, local: isLocal, state } = read(args);
  if (help) return void process.stdout.write(HELP);
  if (state !== undefined && !isLocal) {
    throw new Refusal("--state is for --local.", "Say both, or neither: npm run secrets:rotate -- --local --state DIR");
  }
  const stateDir = state ? resolve(state) : join(ROOT, ".nephos", "local");
  if (isLocal) await (finish ? local.finish(stateDir) : local.addKey(stateDir));
  else await (finish ? production.finish(ROOT) : production.addKey(ROOT));
}

function read(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        finish: { type: "boolean" },
        local: { type: "boolean" },
        state: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    throw new Refusal(
      (error as Error).message.split(". ")[0] + ".",
      "npm run secrets:rotate -- --help tells the options there are.",
    );
  }
}

stopOnSignals();
try {
  await rotate(process.argv.slice(2));
} catch (error) {
  console.error(`\n${inWords(error, "Run `npm ci`, then the same command again.")}`);
  process.exitCode = 1;
}
