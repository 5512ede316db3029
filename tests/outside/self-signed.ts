import { generateKeyPairSync, sign } from "node:crypto";

/** Certificates as a test needs them (X.509, RFC 5280), made by hand: not every machine has OpenSSL's program. */

export interface Wish {
  /** DNS names, and IPv4 addresses. */
  names: string[];
  beginsAt: number;
  endsAt: number;
}

/** A certificate that is signed by itself, with its key. */
export function selfSigned({ names, beginsAt, endsAt }: Wish): { key: string; cert: string; der: Buffer } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = sequence(set(sequence(oid("550403"), tagged(0x0c, Buffer.from(names[0] ?? "")))));
  const content = sequence(
    tagged(0xa0, tagged(2, Buffer.of(2))),
    tagged(2, Buffer.of(1, ...crypto.getRandomValues(new Uint8Array(8)))),
    ECDSA_WITH_SHA256,
    name,
    sequence(time(beginsAt), time(endsAt)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    tagged(0xa3, sequence(sequence(oid("551d11"), tagged(4, sequence(...names.map(alternativeName)))))),
  );
  const signature = sign("sha256", content, privateKey);
  const der = sequence(content, ECDSA_WITH_SHA256, tagged(3, Buffer.concat([Buffer.of(0), signature])));
  // Joined, not ended, line by line: an empty line before the last is no PEM.
  const lines = der.toString("base64").match(/.{1,64}/g)!;
  const cert = `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
  return { key: privateKey.export({ type: "pkcs8", format: "pem" }) as string, cert, der };
}

function alternativeName(name: string): Buffer {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return tagged(0x87, Buffer.from(name.split(".").map(Number)));
  return tagged(0x82, Buffer.from(name));
}

/** Years have two digits until 2050, which is beyond what tests ask for. */
function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/\D/g, "").slice(2, 14);
  return tagged(0x17, Buffer.from(`${digits}Z`));
}

function sequence(...parts: Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function set(...parts: Buffer[]): Buffer {
  return tagged(0x31, Buffer.concat(parts));
}

function oid(hex: string): Buffer {
  return tagged(6, Buffer.from(hex, "hex"));
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

const ECDSA_WITH_SHA256 = sequence(oid("2a8648ce3d040302"));
