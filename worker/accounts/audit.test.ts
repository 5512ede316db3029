import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { AuditAction } from "../../contract/audit-actions.ts";
import type { AuditEntry } from "../../contract/audit.ts";
import { deleteAuditEntriesBefore, insertRefusal } from "../audit/store.ts";
import { database } from "../db/client.ts";
import { AUDIT_REFUSALS_PER_MINUTE_MAX } from "../settings.ts";
import { Browser, Owner } from "../testing/people.ts";

let owner: Owner;
beforeAll(async () => {
  owner = await Owner.signedIn();
});
const audit = async (query = "") => (await owner.json<{ entries: AuditEntry[] }>(`/api/audit${query}`)).entries;
const DAY_MS = 86_400_000;

describe("the audit log", () => {
  it("says who did what to what, from where, before and after", async () => {
    const viewer = await owner.joined("viewer", { name: "Vera" });
    await viewer.json("/api/account", { method: "PATCH", body: { name: "Vera B." } }, 204);
    const [entry] = await audit("?action=account.renamed");
    expect(entry).toMatchObject({
      actor: "Vera",
      via: "browser",
      before: "Vera",
      after: "Vera B.",
      address: viewer.address,
      reason: null,
    });
    expect(await audit(`?actor=${entry!.actorId}`)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ action: "person.joined" }),
        expect.objectContaining({ action: "session.started", after: "by an invitation" }),
      ]),
    );
  });

  it("names the API token something was done with", async () => {
    const body = { label: "deploy script", scopes: ["agents:write"], expiresInDays: 1 };
    const { secret } = await owner.json<{ secret: string }>("/api/account/api-tokens", { method: "POST", body }, 201);
    const headers = { authorization: `Bearer ${secret}` };
    await new Browser().fetch("/api/agent-tokens", { method: "POST", headers, body: { label: "by script" } });
    expect(await audit("?action=agent_token.made")).toEqual([
      expect.objectContaining({ actor: "Owner", via: "API token deploy script", subject: "by script" }),
    ]);
  });

  it("cannot be changed by anybody, nor shortened within a month", async () => {
    const db = database(env.DB);
    await expect(env.DB.prepare("UPDATE audit_entry SET actor = 'nobody'").run()).rejects.toThrow("never changed");
    await expect(env.DB.prepare("DELETE FROM audit_entry").run()).rejects.toThrow("30 days");
    const old = Date.now() - 400 * DAY_MS;
    await env.DB.prepare("INSERT INTO audit_entry (id, at, action) VALUES (-1, ?, 'session.ended')").bind(old).run();
    await deleteAuditEntriesBefore(db, Date.now() - 365 * DAY_MS, 100);
    expect((await audit()).some(({ id }) => id === -1)).toBe(false);
    expect((await audit()).length).toBeGreaterThan(0);
  });

  it("comes page by page, newest first, each entry once", async () => {
    for (let i = 0; i < 120; i++) {
      await env.DB.prepare("INSERT INTO audit_entry (at, actor, action) VALUES (?, 'filler', 'session.ended')")
        .bind(Date.now())
        .run();
    }
    const seen: number[] = [];
    for (;;) {
      const page = await audit(seen.length > 0 ? `?below=${seen.at(-1)}` : "");
      if (page.length === 0) break;
      seen.push(...page.map(({ id }) => id));
    }
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => b - a));
    expect(seen.length).toBeGreaterThan(120);
    expect(await audit("?text=FILLER&below=999999999")).toHaveLength(100);
    expect((await owner.fetch("/api/audit?action=nothing")).status).toBe(400);
    expect((await owner.fetch("/api/audit?below=-1")).status).toBe(400);
    expect(await audit("?text=%25")).toEqual([]);
  });

  it("is exported as CSV that no spreadsheet takes for a formula", async () => {
    const name = '=HYPERLINK("http://evil.example","x")';
    await owner.joined("viewer", { name });
    const reply = await owner.fetch("/api/audit/export.csv?action=person.joined");
    expect(reply.headers.get("content-type")).toContain("text/csv");
    expect(reply.headers.get("content-disposition")).toContain("attachment");
    const text = await reply.text();
    expect(text.split("\r\n")[0]).toBe("id,at,actor,actorId,via,action,subject,before,after,reason,address");
    expect(text).toContain(`"'=HYPERLINK(""http://evil.example"",""x"")"`);
  });

  it("lets no two kinds of refusal that take turns past their bound, and hides nobody known behind strangers", async () => {
    const db = database(env.DB);
    const refusal = (action: AuditAction, actorId: string | null) => ({
      at: Date.now(),
      actor: null,
      actorId,
      via: null,
      action,
      subject: "flood",
      before: null,
      after: null,
      reason: "x",
      address: null,
    });
    for (let i = 0; i < 40; i++) {
      await insertRefusal(db, refusal("enrolment.refused", null));
      await insertRefusal(db, refusal("request.refused", null));
    }
    await insertRefusal(db, refusal("request.refused", "somebody"));
    const kept = await audit("?text=flood");
    expect(kept.filter(({ action }) => action === "enrolment.refused")).toHaveLength(AUDIT_REFUSALS_PER_MINUTE_MAX);
    expect(kept.filter(({ actorId }) => actorId === "somebody")).toHaveLength(1);
  });

  it("keeps some of a flood of refusals, and what people do meanwhile", async () => {
    const before = (await audit("?action=session.refused")).length;
    for (let i = 0; i < 40; i++) {
      await new Browser().fetch("/api/sign-in/link", { method: "POST", body: { token: "A".repeat(43) } });
    }
    const after = (await audit("?action=session.refused")).length;
    expect(after - before).toBeGreaterThan(0);
    expect(after - before).toBeLessThanOrEqual(AUDIT_REFUSALS_PER_MINUTE_MAX);
    await owner.newToken("during the flood");
    expect((await audit("?action=agent_token.made"))[0]).toMatchObject({ subject: "during the flood" });
  });
});
