/** Dates and times as SQL writes them. */
import { DatabaseError } from "../../platform/databases/database.ts";
import type { Date as WitDate, Time, Timestamp, Timestamptz, Timetz } from "../generated/golem-rdbms/types.ts";

/** What can't be told in the WIT type: `infinity`, `-12:00:00` as a time of day. */
export function unrepresentable(type: string, text: string): DatabaseError {
  return new DatabaseError("query-response-failure", `"${text}" is no value of ${type}`);
}

function padded(value: number, length = 2): string {
  return String(value).padStart(length, "0");
}

function matched(type: string, pattern: RegExp, text: string): string[] {
  const groups = pattern.exec(text);
  if (groups === null) throw unrepresentable(type, text);
  return groups.slice(1).map((group: string | undefined) => group ?? "");
}

const datePattern = /^(\d{4,})-(\d\d)-(\d\d)( BC)?$/u;

/** There is no year 0 in SQL: what WIT calls 0 is 1 BC. */
export function parseDate(text: string): WitDate {
  const [year, month, day, before] = matched("date", datePattern, text);
  return { year: before === " BC" ? 1 - Number(year) : Number(year), month: Number(month), day: Number(day) };
}

function dateText({ year, month, day }: WitDate): { readonly text: string; readonly era: string } {
  const before = year <= 0;
  return {
    text: `${padded(before ? 1 - year : year, 4)}-${padded(month)}-${padded(day)}`,
    era: before ? " BC" : "",
  };
}

export function formatDate(date: WitDate): string {
  const { text, era } = dateText(date);
  return text + era;
}

const timePattern = /^(\d{2,3}):(\d\d):(\d\d)(?:\.(\d{1,9}))?$/u;

export function parseTime(text: string): Time {
  const [hour, minute, second, fraction = ""] = matched("time", timePattern, text);
  if (Number(hour) > 255) throw unrepresentable("time", text);
  return {
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    nanosecond: Number(fraction.padEnd(9, "0")),
  };
}

export function formatTime({ hour, minute, second, nanosecond }: Time): string {
  const fraction = nanosecond === 0 ? "" : `.${padded(nanosecond, 9)}`;
  return `${padded(hour)}:${padded(minute)}:${padded(second)}${fraction}`;
}

const timestampPattern = /^(\d{4,}-\d\d-\d\d)[ T]([\d:.]+)( BC)?$/u;

export function parseTimestamp(text: string): Timestamp {
  const [date, time, era] = matched("timestamp", timestampPattern, text);
  return { date: parseDate(`${date}${era}`), time: parseTime(time ?? "") };
}

export function formatTimestamp({ date, time }: Timestamp): string {
  const { text, era } = dateText(date);
  return `${text} ${formatTime(time)}${era}`;
}

const offsetPattern = /^([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?$/u;

function parseOffset(text: string): number {
  const [sign, hours, minutes, seconds] = matched("offset", offsetPattern, text);
  const value = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return sign === "-" && value !== 0 ? -value : value;
}

/** Seconds east of Greenwich. */
function formatOffset(offset: number): string {
  const seconds = Math.abs(offset);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map((part) => padded(part));
  return `${offset < 0 ? "-" : "+"}${parts.join(":")}`;
}

const timestamptzPattern = /^(\d{4,}-\d\d-\d\d[ T][\d:.]+)([+-][\d:]+)( BC)?$/u;

export function parseTimestamptz(text: string): Timestamptz {
  const [timestamp, offset, era] = matched("timestamptz", timestamptzPattern, text);
  return { timestamp: parseTimestamp(`${timestamp}${era}`), offset: parseOffset(offset ?? "") };
}

export function formatTimestamptz({ timestamp: { date, time }, offset }: Timestamptz): string {
  const { text, era } = dateText(date);
  return `${text} ${formatTime(time)}${formatOffset(offset)}${era}`;
}

const timetzPattern = /^([\d:.]+)([+-][\d:]+)$/u;

export function parseTimetz(text: string): Timetz {
  const [time, offset] = matched("timetz", timetzPattern, text);
  return { time: parseTime(time ?? ""), offset: parseOffset(offset ?? "") };
}

export function formatTimetz({ time, offset }: Timetz): string {
  return formatTime(time) + formatOffset(offset);
}
