export { Refusal } from "../local/refusal.ts";

export const TOKEN_RIGHTS = "Account › Workers Scripts › Edit, Account › D1 › Edit, Account › Account Settings › Read";

export const AGAIN = "then run the same command again: what is done already is kept.";

export const SIGN_IN_REMEDY = [
  "Sign in with `npx wrangler login`, or make an API token at https://dash.cloudflare.com/profile/api-tokens",
  `with these rights: ${TOKEN_RIGHTS};`,
  "put it into the environment as CLOUDFLARE_API_TOKEN, " + AGAIN,
].join("\n");

const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [
    /code: (10000|10001|9103|9106|9109|6003)\b|Authentication error|Invalid access token|not logged in/i,
    `Cloudflare does not accept the credentials for this.\n${SIGN_IN_REMEDY}`,
  ],
  [
    /workers\.dev subdomain|workers\/onboarding/i,
    "Your account has no workers.dev address yet. Open https://dash.cloudflare.com › Workers & Pages once and choose one,\n" +
      AGAIN,
  ],
  [
    /code: 7406\b|maximum number of databases|database limit/i,
    "Your account has as many D1 databases as its plan allows. Delete one you no longer need, " + AGAIN,
  ],
  [
    /code: 10072\b|cron triggers? limit/i,
    "Your account has as many cron triggers as its plan allows. Remove one you no longer need, " + AGAIN,
  ],
  [
    /fetch failed|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|timed? ?out/i,
    "Cloudflare could not be reached. Check the network and any proxy, " + AGAIN,
  ],
  [
    /\b5\d\d\b.*(error|unavailable|gateway)|Internal (Server )?Error|malformed response|code: (10013|7500)\b/i,
    "The fault is at Cloudflare's side. Wait a minute, look at https://www.cloudflarestatus.com, " + AGAIN,
  ],
  [
    /Build failed|Could not resolve/i,
    "The Worker does not bundle. Run `npm ci`, and `npm run check` if you changed it, " + AGAIN,
  ],
];

export function remedyFor(output: string): string {
  return REMEDIES.find(([sign]) => sign.test(output))?.[1] ?? "Put right what wrangler says above, " + AGAIN;
}
