import { expect, it } from "vitest";
import { newRule, WatchedInstance, withoutDefaultRules } from "../testing/alerts.ts";
import { Owner } from "../testing/people.ts";
import { Viewer } from "../testing/viewer.ts";
import { STORM_MEMBERS } from "../settings.ts";

const MINUTE = 60_000;

it("who is limited to tags is shown their own part of what fell together, and hears nothing of the rest", async () => {
  const owner = await Owner.signedIn();
  await withoutDefaultRules();
  const machines: WatchedInstance[] = [];
  const now = Date.now();
  for (let number = 0; number < STORM_MEMBERS; number++) {
    const machine = await WatchedInstance.of(owner);
    await machine.sends(now - MINUTE, { load_1m: 1 });
    machines.push(machine);
  }
  // The last one joins what another began.
  const theirs = machines.at(-1)!;
  await owner.json(`/api/instances/${theirs.id}`, { method: "PATCH", body: { tags: ["team-a"] } }, 204);
  await newRule(
    { kind: "metric", metric: "load_1m", direction: "above", warning: 4, critical: null, recovery: null },
    { subjects: machines.map(({ id }) => id), name: "Load" },
  );
  const limited = await Viewer.of(await owner.joined("viewer", { tags: ["team-a"] }));
  const whole = await Viewer.of(owner);
  for (const viewer of [limited, whole]) await viewer.next("snapshot");
  for (const machine of machines) await machine.sends(now, { load_1m: 9 });

  const all = await whole.next("incident", ({ incident }) => incident.members === 2);
  expect(all.incident.subject).toBe(machines.at(-2)!.id);
  const { incident } = await limited.next("incident");
  expect(incident).toMatchObject({
    id: all.incident.id,
    title: `Load: ${theirs.id}`,
    subject: theirs.id,
    members: 1,
    tags: ["team-a"],
  });
  const heard = JSON.stringify([incident, ...limited.heard]);
  for (const { id } of machines.slice(0, -1)) expect(heard).not.toContain(`"${id}"`);
  limited.socket.close();
  whole.socket.close();
});
