import { expect, test } from "vitest";
import { curlLine, installLine, originalAgentLines } from "./install-lines.ts";

test("the one line holds the place and the token, and nothing to fill in", () => {
  expect(installLine("https://n.example", "secret")).toBe(
    "curl -fsSL https://n.example/install.sh | sudo sh -s -- --endpoint https://n.example --token secret",
  );
});

test("the original agent is given its URL with the token, and an id made of the name", () => {
  expect(originalAgentLines("https://n.example", "s", "Web 1 (Berlin)").split("\n")).toEqual([
    "NEPHOS_ENDPOINT=https://n.example/ingest/vultr?token=s",
    "INSTANCE_ID=web-1-berlin",
    "INSTANCE_NAME=Web 1 (Berlin)",
  ]);
});

test("the example by hand is a whole command", () => {
  expect(curlLine("https://n.example", "s")).toContain(`-d '{"instanceId":"test","metrics":[]}'`);
});
