import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { DatabaseError } from "../../platform/databases/database.ts";
import { formatInterval, parseInterval } from "./scalars.ts";
import * as temporal from "./temporal.ts";

const date = fc.record(
  {
    year: fc.integer({ min: -4712, max: 99_999 }),
    month: fc.integer({ min: 1, max: 12 }),
    day: fc.integer({ min: 1, max: 28 }),
  },
  { noNullPrototype: true },
);
const time = fc.record(
  {
    hour: fc.integer({ min: 0, max: 24 }),
    minute: fc.integer({ min: 0, max: 59 }),
    second: fc.integer({ min: 0, max: 59 }),
    nanosecond: fc.integer({ min: 0, max: 999_999_999 }),
  },
  { noNullPrototype: true },
);
const offset = fc.integer({ min: -57_599, max: 57_599 });

describe("dates and times", () => {
  test("are read as they are written", () => {
    fc.assert(
      fc.property(date, time, offset, (someDate, someTime, someOffset) => {
        const timestamp = { date: someDate, time: someTime };
        assert.deepEqual(temporal.parseDate(temporal.formatDate(someDate)), someDate);
        assert.deepEqual(temporal.parseTime(temporal.formatTime(someTime)), someTime);
        assert.deepEqual(temporal.parseTimestamp(temporal.formatTimestamp(timestamp)), timestamp);
        const zoned = { timestamp, offset: someOffset };
        assert.deepEqual(temporal.parseTimestamptz(temporal.formatTimestamptz(zoned)), zoned);
        const timetz = { time: someTime, offset: someOffset };
        assert.deepEqual(temporal.parseTimetz(temporal.formatTimetz(timetz)), timetz);
      }),
    );
  });

  test("that no WIT value can tell are refused", () => {
    assert.throws(() => temporal.parseTimestamp("infinity"), DatabaseError);
    assert.throws(() => temporal.parseTime("-12:00:00"), DatabaseError);
    assert.throws(() => temporal.parseTime("838:59:59"), DatabaseError);
  });
});

describe("intervals", () => {
  test("are read in ISO 8601", () => {
    assert.deepEqual(parseInterval("P1Y-2M3DT-4H-5M-6.789S"), {
      months: 10,
      days: 3,
      microseconds: -14_706_789_000n,
    });
    assert.deepEqual(parseInterval("PT0S"), { months: 0, days: 0, microseconds: 0n });
    assert.deepEqual(parseInterval("PT-0.5S"), { months: 0, days: 0, microseconds: -500_000n });
  });

  test("are written with all their parts", () => {
    assert.equal(formatInterval({ months: 1, days: -2, microseconds: 3n }), "1 months -2 days 3 microseconds");
  });
});
