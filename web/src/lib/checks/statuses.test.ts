import { expect, test } from "vitest";
import { formatStatuses, parseStatuses } from "./statuses.ts";

test.each([
  [
    "200-299, 404",
    [
      [200, 299],
      [404, 404],
    ],
  ],
  ["200", [[200, 200]]],
  [
    "2xx 3XX",
    [
      [200, 299],
      [300, 399],
    ],
  ],
  ["200–204", [[200, 204]]],
])("“%s” is understood", (text, ranges) => expect(parseStatuses(text)).toEqual({ ranges }));

test.each([
  ["", /At least one/],
  ["ok", /“ok” is no status/],
  ["200-", /“200-” is no status/],
  ["99", /100 to 599/],
  ["200-600", /100 to 599/],
  ["300-200", /begins with the larger/],
  ["1xx,2xx,3xx,4xx,5xx,200,201,202,203,204,205", /At most 10/],
])("“%s” is refused with the reason", (text, words) =>
  expect(parseStatuses(text)).toEqual({ problem: expect.stringMatching(words) }),
);

test("statuses are written so that they can be typed back", () => {
  const ranges: [number, number][] = [
    [200, 299],
    [404, 404],
  ];
  expect(formatStatuses(ranges)).toBe("200-299, 404");
  expect(parseStatuses(formatStatuses(ranges))).toEqual({ ranges });
});
