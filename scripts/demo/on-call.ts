import { eq } from "drizzle-orm";
import type { ChannelConfigOf } from "../../contract/channels.ts";
import type { DurationMs, EpochMs } from "../../contract/units.ts";
import {
  incident,
  rule,
  ruleOverride,
  silence,
  type RuleOverrideRow,
  type RuleRow,
  type SilenceRow,
} from "../../worker/alerts/table.ts";
import type { Database } from "../../worker/db/client.ts";
import { secretsPurpose } from "../../worker/notify/sealed-columns.ts";
import { channel, type ChannelRow } from "../../worker/notify/table.ts";
import type { Vault } from "../../worker/vault/vault.ts";
import { PEOPLE } from "./acknowledgements.ts";
import { checkIdOf, LOOKS } from "./looks.ts";
import { REBUILT_ID, rebuiltAt } from "./machines.ts";

/** Channels, silences and a rule that somebody in the demo has made. */

const MINUTE_MS: DurationMs = 60_000;
const HOUR_MS: DurationMs = 60 * MINUTE_MS;
const DAY_MS: DurationMs = 24 * HOUR_MS;

/** What Nephos says of a Slack webhook that was removed. */
export const SLACK_REFUSAL =
  "Slack does not know this webhook any more (no_service). Add a new one to the Slack app, under Incoming Webhooks, and enter its address.";

const EVERYBODY = { tags: [], providers: [], regions: [], subjects: [] };

/** Where the channels lead, and what is signed with. */
interface Way {
  inboxUrl: string;
  secret: string;
  vault: Vault;
}

/** Writes them where nothing is known yet; later only where the channels lead, as the inbox has another port with every start. */
export async function keepOnCall(
  db: Database,
  way: Way,
  { bornAt, now }: { bornAt: EpochMs; now: EpochMs },
): Promise<void> {
  const isNew = (await db.$count(channel)) === 0 && (await db.$count(incident)) === 0;
  const rows = await channelRows(way, bornAt);
  if (!isNew) {
    const [first, ...more] = rows.map(({ id, config, secrets }) =>
      db.update(channel).set({ config, secrets }).where(eq(channel.id, id)),
    );
    await db.batch([first!, ...more]);
    return;
  }
  await db.batch([
    db.insert(channel).values(rows).onConflictDoNothing(),
    db.insert(silence).values(silenceRows(bornAt)).onConflictDoNothing(),
    db.insert(rule).values(checkoutSlow(now)).onConflictDoNothing(),
    db.insert(ruleOverride).values(NOT_BY_DEFAULT).onConflictDoNothing(),
  ]);
}

async function channelRows({ inboxUrl, secret, vault }: Way, bornAt: EpochMs): Promise<ChannelRow[]> {
  // All that there is to enter of these two kinds is secret.
  const kept = async (
    row: Omit<ChannelRow, "kind" | "config" | "secrets">,
    { kind, ...secrets }: ChannelConfigOf<"webhook" | "slack">,
  ): Promise<ChannelRow> => {
    const sealed = await vault.seal(JSON.stringify(secrets), secretsPurpose(row.id));
    return { ...row, kind, config: {}, secrets: sealed };
  };
  const plain = {
    isEnabled: true,
    minSeverity: "warning",
    scope: EVERYBODY,
    afterMs: 0,
    repeatMs: null,
    quietHours: null,
    tellsResolved: true,
    lastSentAt: null,
    problem: null,
  } as const satisfies Partial<ChannelRow>;
  const createdAt = bornAt - 60 * DAY_MS;
  return Promise.all([
    kept(
      { ...plain, id: "demo-on-call", name: "On call", createdAt },
      { kind: "webhook", url: `${inboxUrl}/on-call`, secret },
    ),
    kept(
      {
        ...plain,
        id: "demo-escalation",
        name: "Escalation",
        minSeverity: "critical",
        afterMs: 15 * MINUTE_MS,
        createdAt: createdAt + 1,
      },
      { kind: "webhook", url: `${inboxUrl}/escalation`, secret },
    ),
    kept(
      {
        ...plain,
        id: "demo-databases",
        name: "Databases",
        scope: { ...EVERYBODY, tags: ["db"] },
        createdAt: createdAt + 2,
        // Found with the first that it was to be told in the last hours.
        problem: { message: SLACK_REFUSAL, since: bornAt - 2 * HOUR_MS + 1_000 },
      },
      { kind: "slack", url: `${inboxUrl}/services/databases` },
    ),
  ]);
}

function silenceRows(bornAt: EpochMs): SilenceRow[] {
  const hour = (at: EpochMs) => `${String(new Date(at).getUTCHours()).padStart(2, "0")}:00`;
  const begin = bornAt - 2 * HOUR_MS;
  const rebuilt = rebuiltAt(bornAt);
  return [
    {
      id: "demo-maintenance",
      reason: "Weekly maintenance of AWS in us-east-1",
      scope: { ...EVERYBODY, providers: ["aws"], regions: ["us-east-1"] },
      ruleIds: ["default-provider"],
      when: {
        kind: "weekly",
        days: [new Date(begin).getUTCDay() || 7],
        from: hour(begin),
        to: hour(begin + 9 * HOUR_MS),
        timeZone: "UTC",
        until: null,
      },
      createdBy: PEOPLE[1],
      createdAt: bornAt - 50 * DAY_MS,
      endedAt: null,
    },
    {
      id: "demo-rebuild",
      reason: "Rebuilt from a new image",
      scope: { ...EVERYBODY, subjects: [REBUILT_ID] },
      ruleIds: [],
      when: { kind: "once", from: rebuilt.from - HOUR_MS / 2, to: rebuilt.to + HOUR_MS },
      createdBy: PEOPLE[0],
      createdAt: rebuilt.from - DAY_MS,
      endedAt: null,
    },
  ];
}

const CHECKOUT = checkIdOf(LOOKS.find(({ name }) => name === "Checkout API")!);

/** Sooner than of any other page. */
function checkoutSlow(now: EpochMs): RuleRow {
  return {
    id: "demo-checkout-slow",
    name: "Checkout slow",
    isEnabled: true,
    isDefault: false,
    condition: {
      kind: "metric",
      metric: "check_response_seconds",
      direction: "above",
      warning: 0.4,
      critical: 1,
      recovery: 0.3,
    },
    scope: { ...EVERYBODY, subjects: [CHECKOUT] },
    holdMs: 3 * MINUTE_MS,
    keepFiringMs: 3 * MINUTE_MS,
    createdAt: now,
    updatedAt: now,
  };
}

/** One rule is enough for it. */
const NOT_BY_DEFAULT: RuleOverrideRow = {
  ruleId: "default-response",
  subject: CHECKOUT,
  override: { isEnabled: false, warning: null, critical: null, recovery: null },
};
