import { type ProviderKind, PROVIDERS } from "../../../../contract/provider-kinds.ts";

/** A name for one more account of a cloud, that none has yet: `Vultr`, `Vultr 2`. */
export function accountNameFor(kind: ProviderKind, accounts: readonly { name: string }[]): string {
  const taken = new Set(accounts.map(({ name }) => name));
  const numbered = (number: number) => (number === 1 ? PROVIDERS[kind] : `${PROVIDERS[kind]} ${number}`);
  let number = 1;
  while (taken.has(numbered(number))) number += 1;
  return numbered(number);
}
