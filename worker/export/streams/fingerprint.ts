/** 52 bits of what a text holds, in 11 letters: tells whether a thing has changed since it was sent, and nothing that must be kept from anybody. */
export function fingerprint(text: string): string {
  // cyrb53, by two multiplicative hashes beside each other.
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2_654_435_761);
    b = Math.imul(b ^ code, 1_597_334_677);
  }
  a = Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ Math.imul(b ^ (b >>> 13), 3_266_489_909);
  b = Math.imul(b ^ (b >>> 16), 2_246_822_507) ^ Math.imul(a ^ (a >>> 13), 3_266_489_909);
  return ((b >>> 0) * 0x100000 + ((a >>> 0) & 0xfffff)).toString(36);
}
