import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SEALED_COLUMNS } from "../../worker/sealed-columns.ts";
import { keyName, keyNumber } from "../../worker/vault/keyring.ts";
import { countByKeySql } from "../../worker/vault/sealed-column.ts";
import { addEncryptionKey, readEncryptionKeys, removeEncryptionKeys } from "../local/encryption-keys.ts";
import { takeLock } from "../local/lock.ts";
import { Refusal } from "../local/refusal.ts";
import { lostTexts, olderKeys, type KeyCount } from "./older-keys.ts";

/** Adds the next key to the file that `npm start` reads. */
export async function addKey(stateDir: string): Promise<void> {
  await keysIn(stateDir);
  await alone(stateDir, async () => {
    const { name } = await addEncryptionKey(stateDir);
    console.log(`${name} is made; \`npm start\` takes it up and seals everything anew within two minutes.`);
    console.log("Let it run so long, and stop it. After that:");
    console.log("\n  npm run secrets:rotate -- --local --finish\n");
  });
}

/** Takes the older keys out of the file, once the database has nothing sealed with them. */
export async function finish(stateDir: string): Promise<void> {
  await keysIn(stateDir);
  await alone(stateDir, async () => {
    const numbers = await keysIn(stateDir);
    const counts = await countByKey(stateDir);
    const older = olderKeys(
      numbers,
      counts,
      "`npm start` seals them anew within two minutes: let it run so long, stop it, then try again.",
    );
    const lost = lostTexts(numbers, counts);
    if (lost !== undefined) console.log(lost);
    if (older.length === 0) return console.log(`Nothing to finish: ${keyName(numbers[0]!)} is the only key.`);
    await removeEncryptionKeys(stateDir, older.map(keyName));
    console.log(`Removed: ${older.map(keyName).join(", ")}. In use: ${keyName(Math.max(...numbers))}.`);
  });
}

async function keysIn(stateDir: string): Promise<number[]> {
  const numbers = Object.keys(await readEncryptionKeys(stateDir)).map((name) => keyNumber(name)!);
  if (numbers.length > 0) return numbers;
  throw new Refusal(
    `There is no encryption key in ${stateDir}.`,
    "`npm start` makes one. Is it another folder? --state DIR",
  );
}

/** While `npm start` runs it would go on with the keys it has read, and the database belongs to it. */
async function alone(stateDir: string, act: () => Promise<void>): Promise<void> {
  const lock = await takeLock(stateDir);
  try {
    await act();
  } finally {
    lock.release();
  }
}

/** Miniflare keeps a D1 database as a plain SQLite file. */
async function countByKey(stateDir: string): Promise<KeyCount[]> {
  const folder = join(stateDir, "data", "d1", "miniflare-D1DatabaseObject");
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^[0-9a-f]{64}\.sqlite$/.test(name));
  return names.flatMap((name) => {
    const rows = new DatabaseSync(join(folder, name));
    try {
      const tables = rows.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
      // A database of before has not all the tables yet, and what is not there holds nothing.
      const columns = SEALED_COLUMNS.filter(({ table }) => tables.some((row) => row["name"] === table));
      if (columns.length === 0) return [];
      return rows.prepare(countByKeySql(columns)).all() as unknown as KeyCount[];
    } finally {
      rows.close();
    }
  });
}
