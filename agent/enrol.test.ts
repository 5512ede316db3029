import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildAgent } from "./build.ts";
import { newEnrolmentToken, newOwnToken, refuse, startEdge, type Edge } from "./edge-for-tests.ts";

// The bundle as it is shipped, on a machine without a machine id, so that the id is one it has to keep.
const token = newEnrolmentToken();
let scratch: string;
let bundlePath: string;
let edge: Edge;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "nephos-enrol-"));
  ({ bundlePath } = await buildAgent(scratch));
});
afterAll(() => rm(scratch, { recursive: true }));
beforeEach(async () => void (edge = await startEdge({ enrolmentToken: token })));
afterEach(() => edge.close());

interface Ran {
  code: number;
  out: string;
  err: string;
}
const run = (words: string[], environment: Record<string, string>): Promise<Ran> =>
  new Promise((resolve) => {
    execFile(process.execPath, [bundlePath, ...words], { env: environment }, (error, out, err) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, out, err }),
    );
  });

async function machine() {
  const root = await mkdtemp(join(scratch, "root-"));
  const state = join(root, "state");
  const settings = { NEPHOS_ENDPOINT: `${edge.url}/ingest/vultr`, NEPHOS_ROOT: root, NEPHOS_STATE_DIRECTORY: state };
  return {
    root,
    state,
    settings,
    enrol: (more = {}) => run(["--enrol"], { ...settings, NEPHOS_TOKEN: token, ...more }),
  };
}

describe("nephos-agent --enrol", () => {
  it("prints the agent's own token alone, which the agent's samples are then taken with", async () => {
    const { settings, enrol } = await machine();
    const { code, out, err } = await enrol({ DEBUG: "1" });
    const { token: own, id, name } = edge.enrolled[0]!;
    expect([code, out, err]).toEqual([0, `${own}\n`, ""]);
    expect(name).toBe(hostname());
    expect(await run(["--once"], { ...settings, NEPHOS_TOKEN: own, NEPHOS_ROOT: "/", INSTANCE_ID: id })).toMatchObject({
      code: 0,
    });
  });

  it("enrols the instance the agent will be: as set, of the machine id, or the random one that is kept", async () => {
    const { root, settings, enrol } = await machine();
    const heard: string[] = [];
    const answer = () =>
      edge.enrolAnswers.push((response, { instance }) => {
        heard.push(instance.id);
        refuse(response, 409, "already_enrolled", "No.");
      });
    const agentsId = async (more = {}) =>
      JSON.parse((await run(["--once", "--dry-run"], { ...settings, ...more })).out).instance.id as string;
    answer();
    await enrol();
    expect(heard.pop()).toBe(await agentsId());
    answer();
    await enrol({ INSTANCE_ID: "web-1" });
    expect(heard.pop()).toBe("web-1");
    await mkdir(join(root, "etc"));
    await writeFile(join(root, "etc/machine-id"), `${"5".repeat(32)}\n`);
    answer();
    await enrol();
    expect(heard.pop()).toBe(await agentsId());
  });

  it("says in one line why not, with code 1, and never the token, not even where the server repeats it", async () => {
    const { enrol } = await machine();
    edge.enrolAnswers.push((response) => refuse(response, 401, "token_unknown", `No \u001b[2J\r\n${token}.`));
    const { code, out, err } = await enrol();
    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(/^\S+Z Could not enrol: 401 token_unknown: No \[2J \*\*\*\*\n$/);
  });

  it("prints an agent's own token as it is, and asks nobody", async () => {
    const { state, enrol } = await machine();
    const own = newOwnToken();
    expect(await enrol({ NEPHOS_TOKEN: own })).toEqual({ code: 0, out: `${own}\n`, err: "" });
    expect(edge.requests).toEqual([]);
    await expect(readdir(state)).rejects.toThrow("ENOENT");
  });

  it.each([
    [{ NEPHOS_TOKEN: "something" }, "NEPHOS_TOKEN is neither an enrolment token nor an agent's own. Copy it again"],
    [{ NEPHOS_TOKEN: token.slice(0, -1) }, "NEPHOS_TOKEN is not a whole enrolment token. Copy it again"],
    [{ NEPHOS_TOKEN: "" }, "NEPHOS_TOKEN is not set"],
    [{ NEPHOS_ENDPOINT: "" }, "NEPHOS_ENDPOINT is not set"],
    [{ INSTANCE_ID: "a b" }, "INSTANCE_ID is not an id"],
    [{ NEPHOS_STATE_DIRECTORY: "/dev/null/state" }, "INSTANCE_ID is not set, this machine has no id that lasts"],
  ])("refuses %j with code 2 before the token is spent", async (more, complaint) => {
    const { enrol } = await machine();
    const { code, out, err } = await enrol(more);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(complaint);
    expect(err.trim().split("\n")).toHaveLength(1);
    expect(err).not.toContain(token);
    expect(edge.requests).toEqual([]);
  });

  it.each([[[]], [["--once"]]])(
    "is what the agent points to when %j is started with an enrolment token",
    async (words) => {
      const { settings } = await machine();
      const { code, out, err } = await run(words, { ...settings, NEPHOS_TOKEN: token });
      expect([code, out]).toEqual([2, ""]);
      expect(err).toMatch(/^nephos-agent: NEPHOS_TOKEN is an enrolment token.*nephos-agent --enrol.*\n$/);
      expect(err).not.toContain(token);
      expect(edge.requests).toEqual([]);
      expect(await run(["--once", "--dry-run"], { ...settings, NEPHOS_TOKEN: token })).toMatchObject({ code: 0 });
    },
  );
});
