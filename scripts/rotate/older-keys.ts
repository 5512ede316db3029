import { keyId, keyName } from "../../worker/vault/keyring.ts";
import { Refusal } from "../local/refusal.ts";

/** A row of `countByKeySql`. */
export interface KeyCount {
  keyId: string;
  texts: number;
}

/** The keys that can go, of those there are; refuses where the database still needs one of them. */
export function olderKeys(numbers: readonly number[], counts: readonly KeyCount[], howToWait: string): number[] {
  const current = Math.max(...numbers);
  const older = numbers.filter((number) => number !== current);
  const needed = older.flatMap((number) => {
    const texts = counts.find((count) => count.keyId === keyId(number))?.texts ?? 0;
    return texts > 0 ? [`${texts} with ${keyName(number)}`] : [];
  });
  if (needed.length > 0) {
    throw new Refusal(
      `Secrets in the database are still sealed with an older key: ${needed.join(", ")}. No key was removed.`,
      howToWait,
    );
  }
  return older;
}

/** Told where there are texts of a key that nobody has: no rotation brings them back. */
export function lostTexts(numbers: readonly number[], counts: readonly KeyCount[]): string | undefined {
  const lost = counts.filter((count) => !numbers.some((number) => keyId(number) === count.keyId));
  const texts = lost.reduce((sum, count) => sum + count.texts, 0);
  if (texts === 0) return undefined;
  const names = lost.map((count) => count.keyId).join(", ");
  return `Secrets in the database that are sealed with keys nobody has any more: ${texts} (${names}). Enter them again.`;
}
