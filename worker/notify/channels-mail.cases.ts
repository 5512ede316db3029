import type { ChannelCase } from "./channels.cases.ts";

/** Letters by somebody else's service, and what reaches a browser. Cloudflare's own e-mail is no address to send to: email.test.ts. */
export const MAIL_CASES: readonly ChannelCase[] = [
  {
    kind: "ses",
    answer: /^taken as 010701f2c3a4b5d6-/,
    wrong: { accessKeyId: "AKIAIOSFODNN7ANOTHER" },
    wrongSays: /Look in IAM whether the key is active, and enter its id and its secret anew/,
    goneSays:
      /Verify the sender address nephos@example\.com, or its domain, in SES in eu-central-1.*still in the sandbox/,
    tooOften: 30_000,
    keepsIncidents: true,
    holdsId: true,
  },
  {
    kind: "resend",
    answer: /^taken as 49a3999c-/,
    wrong: { apiKey: "re_not_the_key" },
    wrongSays: /Make one with sending access there, and enter it anew/,
    goneSays: /Verify the domain of the sender address at Resend/,
    tooOften: 30_000,
    keepsIncidents: true,
    // What is sent twice comes once: resend.test.ts.
    holdsId: false,
  },
  {
    kind: "sns",
    answer: /^taken as 94f20ce6-/,
    wrong: { secretAccessKey: "not-the-secret" },
    wrongSays: /Look in IAM whether the key is active, and enter its id and its secret anew/,
    goneSays: /There is no topic arn:aws:sns:eu-west-1:123456789012:nephos in eu-west-1\. Copy the topic's ARN/,
    tooOften: 30_000,
    // Only a topic that keeps an order knows them: sns.test.ts.
    keepsIncidents: false,
    holdsId: false,
  },
  {
    kind: "webpush",
    answer: /^taken \(201\)$/,
    wrong: { p256dh: "bm90LWEta2V5" },
    wrongSays: /Switch notifications off and on again in that browser, which makes new ones/,
    goneSays: /no longer listens\. Switch notifications on again in that browser, or delete this channel/,
    tooOften: 30_000,
    keepsIncidents: true,
    holdsId: false,
    isBrief: true,
  },
];
