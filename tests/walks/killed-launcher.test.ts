import { expect, it, onTestFinished } from "vitest";
import { Launched } from "../launched.ts";
import { SignedIn } from "../owner.ts";

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

it("a launcher that was killed outright leaves nothing that would keep the next one from starting on its port", async () => {
  const nephos = await Launched.start("--no-agent");
  onTestFinished(() => nephos.end());
  const owner = await SignedIn.by(nephos.link);
  const tokens = await owner.get("/api/agent-tokens");

  const left = await nephos.killLauncher();
  expect(isAlive(left)).toBe(true);
  await nephos.restart("--no-agent");
  expect(nephos.output).toContain("had left its workerd behind; that has been ended");
  // The same sign-in and the same data: it is the state of before.
  expect(await owner.get("/api/agent-tokens")).toEqual(tokens);
});
