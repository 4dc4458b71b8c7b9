/**
 * Every kind of oplog entry: its number in the binary format, whether replay skips it (a hint), and its fields. The
 * numbers and the order of fields are for ever; a field that comes later is an option at the end, or a new kind.
 * Oplog indices are f64 here: exact up to 2^53, and plain numbers in JavaScript. spec/host-interfaces.md §4.1.
 */
import { bool, bytes, f64, lateOption, list, option, record, string, tuple, u32, variant } from "../codec/schema.ts";
import type { Schema } from "../codec/schema.ts";

const oplogIndex: Schema<number> = f64;
const componentVersion: Schema<number> = f64;
const byteCount: Schema<number> = f64;

/** Both ends belong to it. */
export interface OplogRegion {
  readonly start: number;
  readonly end: number;
}

const region = record({ start: oplogIndex, end: oplogIndex });
const workerId = record({ componentId: string, workerName: string });

/** Delays in nanoseconds, as in WIT's `duration`. */
export const retryPolicy = record({
  maxAttempts: u32,
  minDelayNs: f64,
  maxDelayNs: f64,
  multiplier: f64,
  maxJitterFactor: option(f64),
});

export type RetryPolicy = NonNullable<(typeof retryPolicy)["value"]>;

/** The operation of another worker that asked for it: asked for again, it has been done. */
const operation = lateOption(string);

const traceParent = record({ traceId: string, parentId: string, states: list(string) });

/** The span of whoever made a call: ids in hexadecimal digits, 32 for the trace and 16 for a span. */
export type TraceParent = NonNullable<(typeof traceParent)["value"]>;

const trace = lateOption(traceParent);

const caller = record({ worker: workerId, idempotencyKey: string });

/** A worker that waits in an invocation until another one returns. */
export type Caller = NonNullable<(typeof caller)["value"]>;

/** Those that wait for the invocation, directly or for one of the others, the latest last. */
/** What all invocations of the worker so far have used together. */
const usage = lateOption(record({ fuel: f64, cpuMs: f64 }));
const callers = lateOption(list(caller));

/** `request` is the encoded tuple of parameters, by the types of the component version in force. */
const invocation = variant({
  function: record({ functionName: string, idempotencyKey: string, request: bytes, trace, callers }),
  manualUpdate: record({
    targetVersion: componentVersion,
    operation,
    /** The worker's files go with it. */
    keepFiles: lateOption(bool),
  }),
});

export type PendingInvocation = NonNullable<(typeof invocation)["value"]>;

const updateDescription = variant({ automatic: undefined, snapshotBased: bytes });

const pluginDescription = record({
  installationId: string,
  name: string,
  version: string,
  parameters: list(tuple(string, string)),
  /** The component that takes in the worker's oplog; other plugins have none. */
  processor: option(record({ componentId: string, componentVersion })),
});

/** An installed plugin as a worker has it: what the installation becomes later makes no difference. */
export type PluginDescription = NonNullable<(typeof pluginDescription)["value"]>;

const nothing = record({});

export const entryTypes = {
  create: {
    code: 1,
    hint: false,
    fields: record({
      workerId,
      componentVersion,
      args: list(string),
      env: list(tuple(string, string)),
      parent: option(workerId),
      componentSize: byteCount,
      initialMemorySize: byteCount,
      /** The processor family that runs it: float NaN patterns may differ between families. */
      architecture: string,
      /** What wasi:config gives. */
      config: lateOption(list(tuple(string, string))),
      activePlugins: lateOption(list(pluginDescription)),
      /** The plugin installation that it takes in oplogs for. Its own goes to no plugin, which would have no end. */
      processes: lateOption(string),
    }),
  },
  /** Written by `oplog/imported-function.ts`, which has its own layout. */
  "imported-function-invoked": {
    code: 2,
    hint: false,
    fields: record({ functionName: string, functionClass: string, request: bytes, response: bytes }),
  },
  "exported-function-invoked": {
    code: 3,
    hint: false,
    fields: record({ functionName: string, idempotencyKey: string, request: bytes, trace, callers }),
  },
  /** `response` is the encoded tuple of results (of none or one); `consumedFuel` is that of the invocation. */
  "exported-function-completed": {
    code: 4,
    hint: false,
    fields: record({ response: bytes, consumedFuel: f64, usage }),
  },
  suspend: { code: 5, hint: true, fields: nothing },
  /**
   * `progress` is how far the failed attempt came (entries replayed or written, discarded ones not counted): attempts
   * are counted as consecutive while they come no further.
   */
  error: {
    code: 6,
    hint: true,
    fields: record({ message: string, retriable: bool, outOfMemory: bool, progress: f64, usage }),
  },
  "no-op": { code: 7, hint: false, fields: nothing },
  jump: { code: 8, hint: false, fields: record({ region }) },
  interrupted: { code: 9, hint: true, fields: nothing },
  exited: { code: 10, hint: true, fields: record({ exitCode: u32 }) },
  "change-retry-policy": { code: 11, hint: false, fields: record({ policy: retryPolicy }) },
  "begin-atomic-region": { code: 12, hint: false, fields: nothing },
  "end-atomic-region": { code: 13, hint: false, fields: record({ beginIndex: oplogIndex }) },
  "begin-remote-write": { code: 14, hint: false, fields: nothing },
  "end-remote-write": { code: 15, hint: false, fields: record({ beginIndex: oplogIndex }) },
  "pending-worker-invocation": { code: 16, hint: true, fields: record({ invocation }) },
  "cancel-pending-invocation": { code: 17, hint: true, fields: record({ idempotencyKey: string }) },
  "pending-update": {
    code: 18,
    hint: true,
    fields: record({
      targetVersion: componentVersion,
      description: updateDescription,
      operation,
      /** What the new version finds in its file system besides its own files (`host/wasi-filesystem/carried-files.ts`). */
      files: lateOption(bytes),
    }),
  },
  "successful-update": {
    code: 19,
    hint: true,
    fields: record({
      targetVersion: componentVersion,
      componentSize: byteCount,
      activePlugins: lateOption(list(pluginDescription)),
    }),
  },
  "failed-update": {
    code: 20,
    hint: true,
    fields: record({ targetVersion: componentVersion, details: option(string) }),
  },
  "grow-memory": { code: 21, hint: true, fields: record({ delta: byteCount }) },
  "create-resource": { code: 22, hint: true, fields: record({ resourceId: f64 }) },
  "drop-resource": { code: 23, hint: true, fields: record({ resourceId: f64 }) },
  "describe-resource": {
    code: 24,
    hint: true,
    fields: record({ resourceId: f64, resourceName: string, parameters: list(string) }),
  },
  log: { code: 25, hint: true, fields: record({ level: string, context: string, message: string }) },
  restart: { code: 26, hint: true, fields: nothing },
  revert: {
    code: 27,
    hint: true,
    /** `activePlugins` are those from here on, where it undoes an update that had changed them. */
    fields: record({ region, operation, activePlugins: lateOption(list(pluginDescription)) }),
  },
  "start-span": {
    code: 29,
    hint: false,
    fields: record({ spanId: string, parentId: string, startMs: f64, attributes: list(tuple(string, string)) }),
  },
  "finish-span": { code: 30, hint: false, fields: record({ spanId: string }) },
  "set-span-attribute": { code: 31, hint: false, fields: record({ spanId: string, key: string, value: string }) },
  "activate-plugin": { code: 32, hint: true, fields: record({ plugin: pluginDescription }) },
  "deactivate-plugin": { code: 33, hint: true, fields: record({ plugin: pluginDescription }) },
  resumed: { code: 28, hint: true, fields: nothing },
} as const;

export type EntryKind = keyof typeof entryTypes;

/** The fields of a kind. */
export type EntryFields<K extends EntryKind> = NonNullable<(typeof entryTypes)[K]["fields"]["value"]>;

/** An entry as data; `timestampMs` is milliseconds since the epoch. */
export type OplogEntry = {
  readonly [K in EntryKind]: { readonly kind: K; readonly timestampMs: number; readonly fields: EntryFields<K> };
}[EntryKind];

export const entryKindByCode: ReadonlyMap<number, EntryKind> = new Map(
  Object.entries(entryTypes).map(([kind, type]) => [type.code, kind as EntryKind]),
);
