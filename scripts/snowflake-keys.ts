import { writeFileSync } from "node:fs";
import { resolve } from "node:path";

/**
 * `npm run snowflake:keys [-- FILE]`: an RSA key pair for the Snowflake user of Nephos. The private half goes into FILE
 * (`nephos-snowflake-key.p8`; PKCS#8 in PEM, readable by its owner alone) and nowhere else; the public half is printed as
 * `ALTER USER ... SET RSA_PUBLIC_KEY` takes it. Never writes over a file.
 */
const file = resolve(process.argv[2] ?? "nephos-snowflake-key.p8");

const algorithm = {
  name: "RSASSA-PKCS1-v1_5",
  modulusLength: 2_048,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: "SHA-256",
};
const pair = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
const privateKey = base64(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
const publicDer = await crypto.subtle.exportKey("spki", pair.publicKey);
const fingerprint = base64(await crypto.subtle.digest("SHA-256", publicDer));
const pem = `-----BEGIN PRIVATE KEY-----\n${privateKey.replaceAll(/.{1,64}/g, "$&\n")}-----END PRIVATE KEY-----\n`;

try {
  writeFileSync(file, pem, { mode: 0o600, flag: "wx" });
} catch (error) {
  const isThere = (error as NodeJS.ErrnoException).code === "EEXIST";
  const why = isThere ? "There is such a file already, and it may be the only copy of a key in use." : String(error);
  console.error(`No key was written to ${file}. ${why}\nName another file: npm run snowflake:keys -- another.p8`);
  process.exit(1);
}

console.log(`The private key is in ${file}. Only you can read it.

The public key, as Snowflake takes it:

${base64(publicDer)}

Its fingerprint, which DESCRIBE USER shows as RSA_PUBLIC_KEY_FP:

SHA256:${fingerprint}

What to do now:
1. In the dashboard, under Insights, Snowflake: paste the private key. Nephos keeps it encrypted.
2. Run the SQL shown there in a Snowflake worksheet; it holds the public key. For a user that exists already:
   ALTER USER NEPHOS_SERVICE SET RSA_PUBLIC_KEY = '...';
3. Keep the file in a safe place, or delete it: a new pair is made as easily.`);

function base64(bytes: ArrayBuffer): string {
  return Buffer.from(bytes).toString("base64");
}
