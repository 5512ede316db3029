import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { canMakeDebian, freshSystem, inside, makeBare, MINUTES, withOwnNode } from "./bare-debian-for-tests.ts";
import { buildAgent } from "./build.ts";
import { newEnrolmentToken, refuse, startEdge, type Edge } from "./edge-for-tests.ts";

const token = newEnrolmentToken();
const SETTINGS = "/etc/nephos-agent/agent.env";
let scratch: string;
let edge: Edge;
let root: string;

const line = (at = edge, given = token, before = "") =>
  `curl -fsSL ${at.url}/install.sh | ${before} sh -s -- --endpoint ${at.url} --name bare-1 --token ${given}`;
const settings = async () => (await inside(root, `stat -c '%a %U:%G' ${SETTINGS}; cat ${SETTINGS}`)).said;
const leftovers = async () =>
  (await inside(root, `ls -A /etc/nephos-agent; grep -rlF ${token} / --exclude-dir=proc --exclude-dir=sys`)).said;
/** As systemd starts it. */
const asService = () =>
  inside(
    root,
    `set -a; . ${SETTINGS}; STATE_DIRECTORY=/var/lib/nephos-agent
     exec setpriv --reuid nephos-agent --regid nephos-agent --clear-groups /opt/nephos-agent/nephos-agent --once`,
  );

function commandLines(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      } catch {
        return "";
      }
    });
}

describe.runIf(canMakeDebian)("the install line with an enrolment token, in a bare Debian", () => {
  beforeAll(async () => {
    await makeBare();
    scratch = await mkdtemp(join(tmpdir(), "nephos-enrol-slow-"));
    await buildAgent(join(scratch, "built"));
  }, 6 * MINUTES);
  afterAll(() => rm(scratch, { recursive: true, force: true }));
  beforeEach(async () => {
    edge = await startEdge({ files: join(scratch, "built"), enrolmentToken: token });
    root = await freshSystem(scratch);
    await withOwnNode(root);
    // So that the id is one the agent has to make and keep.
    await inside(root, "rm -f /etc/machine-id");
  });
  afterEach(() => edge.close());

  it(
    "enrols the instance the service is, keeps only its own token, and changes nothing when pasted again",
    async () => {
      const foreign = "INSTANCE_ID=other NEPHOS_STATE_DIRECTORY=/tmp NEPHOS_ROOT=/nowhere";
      expect(await inside(root, line(edge, token, foreign))).toMatchObject({
        code: 0,
        said: expect.stringContaining("Nephos took its first sample"),
      });
      const [enrolled] = edge.enrolled;
      expect(enrolled).toMatchObject({ name: "bare-1" });
      const kept = await settings();
      expect(kept).toMatch(/^640 root:nephos-agent\n/);
      expect(kept).toContain(`NEPHOS_TOKEN="${enrolled!.token}"`);
      expect(await leftovers()).toBe("agent.env\n");
      expect(await asService()).toMatchObject({ code: 0 });
      expect(edge.envelopes.map(({ instance }) => instance.id)).toEqual([enrolled!.id, enrolled!.id]);

      const again = await inside(root, line());
      expect(again.code).toBe(0);
      expect(again.said).toContain("enrolled already and keeps its own token");
      expect(again.said).toContain("401 token_unknown");
      expect(await settings()).toBe(kept);

      edge.enrolAnswers.push((response) => refuse(response, 409, "already_enrolled", "It has a token already."));
      expect(await inside(root, line())).toMatchObject({ code: 0 });
      expect(await settings()).toBe(kept);
    },
    3 * MINUTES,
  );

  it(
    "gives the token to the agent so that no list of processes shows it, also where only su can change the user",
    async () => {
      await inside(root, "rm -f /sbin/runuser");
      let shown: string[] = [];
      edge.enrolAnswers.push((response) => {
        shown = commandLines();
        refuse(response, 401, "token_unknown", "No.");
      });
      await inside(root, line());
      expect(shown.some((words) => words.startsWith("su -s /bin/sh nephos-agent "))).toBe(true);
      expect(shown.some((words) => words.includes("nephos-agent.mjs --enrol"))).toBe(true);
      expect(shown.filter((words) => words.includes(token) && !words.includes(`--token ${token}`))).toEqual([]);
      expect(await inside(root, line())).toMatchObject({ code: 0 });
      expect(edge.envelopes).toHaveLength(1);
    },
    3 * MINUTES,
  );

  it(
    "says what the server said when it is refused, starts nothing, and keeps neither token nor settings",
    async () => {
      const refused = await inside(root, line(edge, newEnrolmentToken()));
      expect(refused.code).toBe(1);
      expect(refused.said).toMatch(/was not enrolled\. 401 token_unknown: This enrolment token .*It is not started\./);
      expect(await leftovers()).toBe("");
      expect(edge.envelopes).toEqual([]);
      const { said } = await inside(root, "ls /etc/systemd/system/multi-user.target.wants/nephos-agent.service");
      expect(said).toContain("No such file");
      // The other way to give it, which leaves it in no list of processes at all.
      const byEnvironment = line(edge, token, `NEPHOS_TOKEN=${token}`).replace(/ --token \S+$/, "");
      expect(await inside(root, byEnvironment)).toMatchObject({ code: 0 });
      expect(await settings()).toContain(edge.enrolled[0]!.token);
    },
    3 * MINUTES,
  );

  it(
    "leaves the agent that is there as it was when a line for another machine or another Nephos is refused",
    async () => {
      await inside(root, line());
      const kept = await settings();
      edge.enrolAnswers.push((response) => refuse(response, 403, "token_of_another_instance", "For web-2 only."));
      const foreign = await inside(root, line(edge, newEnrolmentToken()));
      expect(foreign.code).toBe(1);
      expect(foreign.said).toContain(
        "403 token_of_another_instance: For web-2 only. The settings it had are unchanged.",
      );
      expect(await settings()).toBe(kept);

      const other = await startEdge({ files: join(scratch, "built"), enrolmentToken: newEnrolmentToken() });
      expect(await inside(root, line(other))).toMatchObject({ code: 1 });
      await other.close();
      expect(await settings()).toBe(kept);
      expect(other.requests.map(({ authorization }) => authorization).join()).not.toContain(edge.enrolled[0]!.token);
      expect(await leftovers()).toBe("agent.env\n");
    },
    3 * MINUTES,
  );
});
