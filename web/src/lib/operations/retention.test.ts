import { expect, test } from "vitest";
import { retentionSchema } from "../../../../contract/operations.ts";
import { boundsInWords, checked, draftOf, isSame, loweredInWords, RETENTION_FIELDS } from "./retention.ts";

const usual = { rawDays: 3, fiveMinutesDays: 30, hourDays: 730 };

test("what is kept can be typed back as it is", () => {
  expect(checked(draftOf(usual))).toEqual({ retention: usual });
  expect(isSame(usual, { ...usual })).toBe(true);
  expect(isSame(usual, { ...usual, hourDays: 731 })).toBe(false);
});

test.each([
  [{ rawDays: "" }, "rawDays", /whole number/],
  [{ rawDays: "1.5" }, "rawDays", /whole number/],
  [{ rawDays: "0" }, "rawDays", /1 to 30 days/],
  [{ hourDays: "1827" }, "hourDays", /8 to 1,826 days/],
  [{ rawDays: "30" }, "fiveMinutesDays", /further back than “Single samples”/],
  [{ hourDays: "30" }, "hourDays", /further back than “Five minutes”/],
])("%j is refused at %s", (typed, field, words) => {
  const reply = checked({ ...draftOf(usual), ...typed });
  expect("problems" in reply ? reply.problems : {}).toEqual({ [field]: expect.stringMatching(words) });
});

test("what is taken here is what the server takes", () => {
  for (const raw of ["0", "1", "3", "29", "30", "31"]) {
    for (const five of ["1", "2", "30", "366", "367"]) {
      const draft = { rawDays: raw, fiveMinutesDays: five, hourDays: "400" };
      const sent = Object.fromEntries(RETENTION_FIELDS.map((field) => [field, Number(draft[field])]));
      expect("retention" in checked(draft), `${raw} ${five}`).toBe(retentionSchema.safeParse(sent).success);
    }
  }
});

test("only what is lowered is asked about", () => {
  expect(loweredInWords(usual, { ...usual, rawDays: 7 })).toBeUndefined();
  expect(loweredInWords(usual, { rawDays: 1, fiveMinutesDays: 40, hourDays: 365 })).toBe(
    "Single samples older than a day go. Points of an hour older than 365 days go. It is hidden at once, removed within days, and does not come back.",
  );
});

test("the bounds are told in words", () => expect(boundsInWords("hourDays")).toBe("8 to 1,826 days"));
