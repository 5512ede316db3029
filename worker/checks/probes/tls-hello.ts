/**
 * The first message of a TLS 1.2 client (RFC 5246), made by hand: a Worker is not told the certificate of whom it connects to, but in
 * TLS 1.2 it travels in clear. What comes after it is never answered, so nothing here is secret and nothing is encrypted.
 */

/** What servers that speak TLS 1.2 choose from, the newest first. */
const CIPHER_SUITES = [
  0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc009, 0xc013, 0xc00a, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035,
  // Not a suite: says that renegotiation is understood (RFC 5746), without which some servers end the connection.
  0x00ff,
];
/** x25519, P-256, P-384, P-521. */
const GROUPS = [0x001d, 0x0017, 0x0018, 0x0019];
/** ECDSA, RSA-PSS and RSA with SHA-256, 384 and 512; Ed25519; and SHA-1, for what is old. */
const SIGNATURES = [0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0807, 0x0201, 0x0203];

const VERSION_1_2 = [3, 3];
const RANDOM_BYTES = 32;

/** As a record, ready to be sent. An address is no name: `serverName` is null then. */
export function clientHello(serverName: string | null, random: Uint8Array): Uint8Array {
  if (random.length !== RANDOM_BYTES) throw new RangeError("32 random bytes are needed");
  const extensions = [
    ...(serverName === null ? [] : extension(0, sized(2, [0, ...sized(2, [...new TextEncoder().encode(serverName)])]))),
    ...extension(10, sized(2, GROUPS.flatMap(two))),
    // Points uncompressed, the only way there is.
    ...extension(11, sized(1, [0])),
    ...extension(13, sized(2, SIGNATURES.flatMap(two))),
    // Extended master secret (RFC 7627): some insist.
    ...extension(23, []),
  ];
  const hello = [
    ...VERSION_1_2,
    ...random,
    ...sized(1, []),
    ...sized(2, CIPHER_SUITES.flatMap(two)),
    ...sized(1, [0]),
    ...sized(2, extensions),
  ];
  const handshake = [1, ...sized(3, hello)];
  return Uint8Array.from([22, 3, 1, ...sized(2, handshake)]);
}

function extension(type: number, content: number[]): number[] {
  return [...two(type), ...sized(2, content)];
}

function two(value: number): number[] {
  return [value >> 8, value & 0xff];
}

/** With its length before it, in so many bytes. */
function sized(bytes: 1 | 2 | 3, content: number[]): number[] {
  const length = [content.length >> 16, content.length >> 8, content.length].slice(-bytes).map((byte) => byte & 0xff);
  return [...length, ...content];
}
