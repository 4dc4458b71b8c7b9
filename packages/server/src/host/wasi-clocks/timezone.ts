import { bool, record, s32, string } from "../../durability/codec/schema.ts";
import { durableFunction } from "../../durability/durable-function.ts";
import type { WasiClocksTimezone } from "../generated/wasi-clocks/timezone.ts";
import type { HostInterface, WorkerFacts } from "../interface.ts";
import { sync } from "../interface.ts";
import { datetime } from "./wall-clock.ts";
import type { Datetime } from "./wall-clock.ts";

const timezoneDisplay = record({ utcOffset: s32, name: string, inDaylightSavingTime: bool });

type TimezoneDisplay = NonNullable<(typeof timezoneDisplay)["value"]>;

const display = durableFunction({
  name: "timezone::display",
  class: "local-read",
  request: datetime,
  response: timezoneDisplay,
});
const utcOffset = durableFunction({
  name: "timezone::utc_offset",
  class: "local-read",
  request: datetime,
  response: s32,
});

const utc: TimezoneDisplay = { utcOffset: 0, name: "UTC", inDaylightSavingTime: false };

/** The last second that JavaScript's dates reach. */
const secondsMax = 8_640_000_000_000n;

/** The worker's time zone: its variable TZ, as elsewhere, or UTC, so that it is the same on every machine. */
function zoneOf({ env }: WorkerFacts): string {
  return env.find(([name]) => name === "TZ")?.[1] ?? "UTC";
}

function zoneName(timeZone: string, style: "short" | "longOffset", date: Date): string {
  const format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: style });
  return format.formatToParts(date).find((part) => part.type === "timeZoneName")?.value ?? "UTC";
}

/** Seconds east of Greenwich, from a text like `GMT-03:30`. */
function offsetAt(timeZone: string, date: Date): number {
  const [, sign, hours, minutes, seconds = "0"] =
    /^GMT([+-])(\d+):(\d+)(?::(\d+))?$/u.exec(zoneName(timeZone, "longOffset", date)) ?? [];
  if (hours === undefined) return 0;
  const offset = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return sign === "-" ? -offset : offset;
}

/** What can't be told is UTC, as WASI wants it. */
function displayAt(timeZone: string, { seconds }: Datetime): TimezoneDisplay {
  if (seconds > secondsMax) return utc;
  const date = new Date(Number(seconds) * 1000);
  try {
    const offset = offsetAt(timeZone, date);
    const year = date.getUTCFullYear();
    // Standard time is the lesser of a year's two offsets, north and south.
    const standard = Math.min(...[0, 6].map((month) => offsetAt(timeZone, new Date(Date.UTC(year, month, 1)))));
    return { utcOffset: offset, name: zoneName(timeZone, "short", date), inDaylightSavingTime: offset > standard };
  } catch (error) {
    if (error instanceof RangeError) return utc;
    throw error;
  }
}

/** wasi:clocks/timezone: local reads, since machines know different rules for time zones. */
export const timezone: HostInterface<WasiClocksTimezone> = {
  name: "wasi:clocks/timezone@0.2.0",
  durable: { display, "utc-offset": utcOffset },
  bind: ({ durable, facts }) => ({
    functions: {
      display: sync((when: Datetime) => durable.call(display, when, () => displayAt(zoneOf(facts()), when))),
      "utc-offset": sync((when: Datetime) =>
        durable.call(utcOffset, when, () => displayAt(zoneOf(facts()), when).utcOffset),
      ),
    },
    resources: {},
  }),
};
