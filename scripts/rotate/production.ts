import { SEALED_COLUMNS } from "../../worker/sealed-columns.ts";
import { keyName, keyNumber } from "../../worker/vault/keyring.ts";
import { countByKeySql } from "../../worker/vault/sealed-column.ts";
import { findAccount } from "../deploy/account.ts";
import { writeConfig, type DeployConfig } from "../deploy/config.ts";
import { Refusal } from "../deploy/refusal.ts";
import { changeSecrets, hiddenSecret, secretNames } from "../deploy/secrets.ts";
import { DATABASE, findDatabase } from "../deploy/steps.ts";
import { jsonOf, wrangler, type WranglerOptions } from "../deploy/wrangler.ts";
import { lostTexts, olderKeys, type KeyCount } from "./older-keys.ts";

interface Deployed {
  config: DeployConfig;
  options: WranglerOptions;
  /** Of the encryption keys the Worker has. */
  numbers: number[];
}

/** Gives the Worker one more key. Nothing is read back: the names of the secrets tell which number is next. */
export async function addKey(root: string): Promise<void> {
  const { config, options, numbers } = await findDeployed(root);
  const current = Math.max(...numbers);
  await changeSecrets({ [keyName(current + 1)]: hiddenSecret() }, config, options);
  console.log(`${keyName(current + 1)} is made and in use; ${keyName(current)} still opens what it has sealed.`);
  console.log("The Worker seals everything anew at its ticks, every two minutes. After that:");
  console.log("\n  npm run secrets:rotate -- --finish\n");
}

/** Takes the older keys away, once the database has nothing sealed with them. */
export async function finish(root: string): Promise<void> {
  const { config, options, numbers } = await findDeployed(root);
  const counts = await countByKey(config, options);
  const older = olderKeys(
    numbers,
    counts,
    "Wait for the Worker's next tick (every two minutes), then try again. If it stays so, `npx wrangler tail nephos` says why.",
  );
  const lost = lostTexts(numbers, counts);
  if (lost !== undefined) console.log(lost);
  if (older.length === 0) return console.log(`Nothing to finish: ${keyName(numbers[0]!)} is the only key.`);
  await changeSecrets(Object.fromEntries(older.map((number) => [keyName(number), null])), config, options);
  console.log(`Removed: ${older.map(keyName).join(", ")}. In use: ${keyName(Math.max(...numbers))}.`);
}

async function findDeployed(root: string): Promise<Deployed> {
  const account = await findAccount(root);
  const options = { root, env: { CLOUDFLARE_ACCOUNT_ID: account.id } };
  const databaseId = await findDatabase(options);
  if (databaseId !== undefined) {
    const config = await writeConfig(root, databaseId);
    const names = (await secretNames(config, options)) ?? [];
    const numbers = names.flatMap((name) => keyNumber(name) ?? []).sort((a, b) => a - b);
    if (numbers.length > 0) return { config, options, numbers };
  }
  throw new Refusal(
    `The account ${account.name} has no Nephos with an encryption key.`,
    "Run `npm run deploy`, which makes one. For the Nephos of `npm start`: npm run secrets:rotate -- --local",
  );
}

async function countByKey(config: DeployConfig, options: WranglerOptions): Promise<KeyCount[]> {
  const sql = countByKeySql(SEALED_COLUMNS);
  const args = ["d1", "execute", DATABASE, "--remote", "--json", "--command", sql, "--config", config.path];
  const [answer] = jsonOf(await wrangler(args, options), "d1 execute") as { results: KeyCount[] }[];
  return answer!.results;
}
