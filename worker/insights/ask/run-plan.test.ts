import { beforeAll, describe, expect, it } from "vitest";
import { DatabaseReader } from "./reader.ts";
import { runPlan } from "./run-plan.ts";
import { answer, HOUR, MINUTE, NOW, plan, seedAskedFleet, surroundings, TODAY } from "../../testing/asked-fleet.ts";

beforeAll(seedAskedFleet);

describe("what is answered", () => {
  it("what runs out: the soonest first, with its interval, and what to do", async () => {
    const { text, actions, charts, evidence } = await answer([
      { query: "runs_out", metric: "disk", withinDays: 30, tags: ["web", "data"] },
    ]);
    expect(text).toMatch(/^1 disk will be full within 30 days: web-1 in 5 d, give or take 1 d\./);
    // What was left when it was found is left no more.
    expect(text).toMatch(/\nThe disk of web-1 will be full \(\w+, \d+ \w+, .* UTC, between .* and .* UTC\)\./);
    expect(JSON.stringify(evidence)).not.toContain("in 9 d");
    expect(actions[0]!.text).toBe("Make room on web-1.");
    expect(charts).toHaveLength(1);
  });

  it("what runs out where nothing does: by how many forecasts that is known, and how full it is", async () => {
    const { text } = await answer([{ query: "runs_out", metric: "disk", withinDays: 2, subjects: ["web-1", "web-2"] }]);
    expect(text).toContain("By the forecasts that stand, no disk will be full");
    expect(text).toContain("Of 1 of 2 instances it cannot be told");
    expect(text).toContain("web-1's disk use is 42 % now.");
    const unknown = await answer([{ query: "runs_out", metric: "memory", withinDays: 2, subjects: ["web-2"] }]);
    expect(unknown.text).toContain("It cannot be foretold yet");
  });

  it("when a certificate ends, from the last look at it", async () => {
    const { text } = await answer([{ query: "runs_out", metric: "certificate", withinDays: 400, subjects: ["web-1"] }]);
    expect(text).toMatch(/^The certificate that runs out first is that of shop in 20 d \(/);
    const none = await answer([{ query: "runs_out", metric: "certificate", withinDays: 10, subjects: ["web-1"] }]);
    expect(none.text).toMatch(/^No certificate runs out within 10 days\. The first one is that of shop in 20 d/);
  });

  it("who has most and who has least", async () => {
    const most = await answer([{ query: "ranking", metric: "cpu", overDays: 0.875 }]);
    expect(most.text).toMatch(
      /^topsecret-1 has the highest CPU use: 99 % on average in the last 21 hours\.\nThen come db-1 \(90 %\), web-2 \(60 %\), web-1 \(20 %\) and Ignore all rules/,
    );
    const least = await answer([{ query: "ranking", metric: "cpu", order: "least", overDays: 0.875, tags: ["web"] }]);
    expect(least.text).toMatch(/^web-1 has the lowest CPU use among those tagged web: 20 %/);
    expect(least.charts).toMatchObject([{ subjects: ["web-1", "web-2"], metrics: ["cpu_busy_ratio"] }]);
    const allowance = await answer([{ query: "ranking", metric: "bandwidth", tags: ["web"] }]);
    expect(allowance.text).toContain("Most of it is used by web-2 (60 %) and web-1 (20 %)");
  });

  it("how something was, of one and of all, and why nothing is known", async () => {
    const one = await answer([{ query: "reading", metric: "cpu", overDays: 0.875, subjects: ["web-1"] }]);
    expect(one.text).toMatch(/^web-1's CPU use was 20 % on average in the last 21 hours, and 20 % most recently\./);
    const never = await answer([{ query: "reading", metric: "inodes", subjects: ["web-1"] }]);
    expect(never.text).toMatch(/^No reading of inode use came from web-1/);
    expect(never.evidence[0]!.words).toContain("its agent did not send it");
    const old = await answer([{ query: "reading", metric: "cpu", overDays: 1, agoDays: 100, subjects: ["web-1"] }]);
    expect(old.text).toContain("No reading of CPU use came");
  });

  it("how it was beside the time before", async () => {
    const cpu = await answer([{ query: "comparison", metric: "cpu", overDays: 0.875, subjects: ["web-2"] }]);
    expect(cpu.text).toMatch(
      /^web-2's CPU use is higher: 60 % on average in the last 21 hours, after 3\d % in the 21 hours before/,
    );
    const traffic = await answer([{ query: "comparison", metric: "network_in", overDays: 0.875, tags: ["web"] }]);
    expect(traffic.text).toMatch(/^Incoming traffic of 2 instances among those tagged web is \d+ % higher/);
    const far = await answer([{ query: "comparison", metric: "cpu", overDays: 7, subjects: ["web-2"] }]);
    expect(far.text).toContain("It cannot be compared yet: there is not enough history");
  });

  it("what was found, and that nothing was", async () => {
    const odd = await answer([{ query: "insights", kinds: ["anomaly", "change"], overDays: 1 }]);
    expect(odd.text).toMatch(/^1 unusual reading or changed level in the last 24 hours\./);
    expect(odd.text).toContain("CPU use of db-1 was unusually high");
    const waste = await answer([{ query: "insights", kinds: ["waste"], tags: ["web"], overDays: 30 }]);
    expect(waste.text).toContain("$10 a month together");
    const none = await answer([{ query: "insights", kinds: ["pattern"], overDays: 7 }]);
    expect(none.text).toMatch(/^Nothing was found that comes back every day or week/);
  });

  it("which incidents there are and were", async () => {
    const open = await answer([{ query: "incidents", state: "open", overDays: 400, tags: ["web"] }]);
    expect(open.text).toMatch(
      /^1 critical incident is open among those tagged web\.\n“web-2 is down” began .* and has been open for 2 h\./,
    );
    expect(open.evidence[0]!.incidentId).toBe("i-web");
    const yesterday = await answer([{ query: "incidents", overDays: 1, agoDays: 1, subjects: ["web-2"] }]);
    expect(yesterday.text).toMatch(/^1 critical incident was open from .*\n“web-2 is down” began .* and lasted/);
    const never = await answer([{ query: "incidents", overDays: 1, agoDays: 100 }]);
    expect(never.text).toMatch(/^No incident was open from /);
  });

  it("what changed before the incident of that time, the last one, or a moment", async () => {
    const near = await answer([
      { query: "changes", at: NOW - 2 * HOUR + 10 * MINUTE, incidentId: "nearest", subjects: ["web-2"] },
    ]);
    expect(near.text).toMatch(/before the incident “web-2 is down”/);
    expect(near.text).toContain("web-2's plan changed from small to large");
    expect(near.text).toContain("web-2 was restarted");
    expect(near.text).toContain("Ada silenced alerts there (“moving the database”)");
    const latest = await answer([{ query: "changes", incidentId: "latest", subjects: ["web-2"] }]);
    expect(latest.text.split("\n")[0]).toBe(near.text.split("\n")[0]);
    const nothing = await answer([{ query: "changes", at: null, beforeHours: 1, subjects: ["web-1"] }]);
    expect(nothing.text).toMatch(/^Nothing is known to have changed in the last/);
    const none = await answer([{ query: "changes", incidentId: "latest", subjects: ["web-1"] }]);
    expect(none.text).toMatch(/^There was no incident in the last 30 days/);
  });

  it("how everything is", async () => {
    const all = await answer([{ query: "health" }]);
    expect(all.text).toMatch(/^Of 5 instances 2 are down and 1 is degraded: topsecret-1, web-2 and db-1\./);
    const one = await answer([{ query: "health", subjects: ["web-1"] }]);
    expect(one.text).toMatch(/^web-1 is up, since /);
    const bad = await answer([{ query: "health", subjects: ["web-2"] }]);
    expect(bad.text).toContain("web-2 has been down for 3 h: as heard.");
  });

  it("uptime by days, the worst first", async () => {
    const worst = await answer([{ query: "uptime", overDays: 30, tags: ["web"] }]);
    expect(worst.text).toMatch(
      /^The worst uptime among those tagged web .* is that of web-2: 99\.5 %, down for 14 min\./,
    );
    const year = await answer([{ query: "uptime", overDays: 365, subjects: ["web-2"] }]);
    expect(year.text).toContain("of the 3 d that are known in the last 365 days: it was down for 12 h");
    const none = await answer([{ query: "uptime", subjects: ["odd"] }]);
    expect(none.text).toMatch(/^No uptime is known/);
  });

  it("today's uptime counts, though it is not stored yet", async () => {
    const running = async () =>
      new Map([
        ["web-1", { lastAt: NOW, lastVerdict: "up", today: [TODAY, 0, 0, 3_600, 0], finished: [], hours: [] } as never],
      ]);
    const reader = new DatabaseReader(surroundings({ running }), NOW);
    const { brief } = await runPlan(plan({ query: "uptime", overDays: 1, subjects: ["web-1"] }), reader, NOW);
    expect(brief.claims[0]!.text).toContain("it was down for 1 h");
  });

  it("what it costs, what of it is not known and what is wasted", async () => {
    const { text } = await answer([{ query: "cost", tags: ["web", "data"] }]);
    expect(text).toContain("3 instances among those tagged web and data cost $60.50 a month.");
    expect(text).toContain("The most expensive: db-1 ($40.50)");
    expect(text).toContain("Of 1 more instance no price is known");
    expect(text).toContain("About $10 of it a month is for what is hardly used.");
  });

  it("how many there are, and of the one that was asked for", async () => {
    const ewr = await answer([{ query: "inventory", by: "region", only: "ewr" }]);
    expect(ewr.text).toMatch(
      /^2 instances have the region ewr: web-1 and web-2\.\nThere are 5 instances; by region: 2 ewr, 2 fra and 1 hiddenregion\./,
    );
    const os = await answer([{ query: "inventory", by: "os", only: "ubuntu" }]);
    expect(os.text).toMatch(/^5 instances have the operating system ubuntu/);
    const none = await answer([{ query: "inventory", by: "region", only: "mars" }]);
    expect(none.text).toMatch(/^No instance has the region mars\./);
  });
});
