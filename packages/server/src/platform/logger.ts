/** The server's log: lines with fields, on standard error. */
import { pino, destination, stdTimeFunctions } from "pino";

export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

export const logFormats = ["auto", "text", "json"] as const;
export type LogFormat = (typeof logFormats)[number];

/** `worker`, `component`, `function`, … */
export interface LogFields {
  readonly [name: string]: string | number | boolean | undefined;
}

type Log = (message: string, fields?: LogFields) => void;

export interface Logger {
  /** Whether lines of `debug` are written at all: what is told of every invocation need not be put together otherwise. */
  readonly debugs: boolean;
  readonly debug: Log;
  readonly info: Log;
  readonly warn: Log;
  readonly error: Log;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  /** `auto`: text in a terminal, JSON elsewhere. */
  readonly format: LogFormat;
}

const standardError = 2;

/** Lines of all threads go to one file, each with one write. */
export function openLogger({ level, format }: LoggerOptions): Logger {
  const asText = format === "text" || (format === "auto" && process.stderr.isTTY);
  const target = asText ? { write: writeText } : destination({ fd: standardError, sync: true });
  const options = {
    level,
    timestamp: stdTimeFunctions.isoTime,
    base: null,
    messageKey: "message",
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const log = pino(options, target);
  const at =
    (name: "debug" | "info" | "warn" | "error"): Log =>
    (message, fields = {}) =>
      log[name](fields, message);
  return { debugs: level === "debug", debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** `12:00:00.000 WARN the worker failed worker=… error="…"` */
function writeText(line: string): void {
  const { time, level, message, ...fields } = JSON.parse(line) as { readonly [name: string]: unknown };
  const shown = Object.entries(fields).map(([name, value]) => `${name}=${fieldText(value)}`);
  const clock = String(time).slice("2000-01-01T".length, -1);
  process.stderr.write(`${[clock, String(level).toUpperCase(), message, ...shown].join(" ")}\n`);
}

function fieldText(value: unknown): string {
  const text = String(value);
  return /^[^\s"=]+$/u.test(text) ? text : JSON.stringify(text);
}

/** Says nothing, for tests. */
export const silentLogger: Logger = {
  debugs: false,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
