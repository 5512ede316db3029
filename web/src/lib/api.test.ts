import { expect, test } from "vitest";
import { addressOf } from "./api.ts";

test("an id with reserved characters stays one path segment", () => {
  expect(addressOf("GET /api/instances/:id", { id: "aws:i-1@eu/x" })).toEqual({
    method: "GET",
    url: "/api/instances/aws%3Ai-1%40eu%2Fx",
  });
});

test("a query is appended as given, since its parts are encoded one by one", () => {
  expect(addressOf("GET /api/health", {}, { metrics: "load_1m,disk_util_ratio%3Avda", points: "600" }).url).toBe(
    "/api/health?metrics=load_1m,disk_util_ratio%3Avda&points=600",
  );
});
