/** What is sent to workers and what they answer. */
import type { z } from "zod";
import type { createdWorkerSchema, createWorkerSchema, workerListSchema } from "../rest/worker.ts";
import type { ScanCursor } from "../rest/worker.ts";
import type { WorkerFilterJson } from "../rest/worker-filter.ts";
import type { promiseListSchema, scheduleListSchema } from "../rest/schedule.ts";
import type { DryRunResult, RevertWorker, UpdateWorker } from "../rest/worker-operations.ts";
import type { Json } from "../values/json.ts";
import type { EmetError } from "./errors.ts";
import type { TypeJson } from "../values/type-json.ts";

export interface WorkerId {
  readonly componentId: string;
  readonly workerName: string;
}

/** Without a name the server makes a new worker for the call. */
export interface InvocationTarget {
  readonly componentId: string;
  readonly workerName?: string | undefined;
}

export type NewWorker = z.input<typeof createWorkerSchema>;
export type CreatedWorker = z.infer<typeof createdWorkerSchema>;
export type WorkerPage = z.infer<typeof workerListSchema>;

export interface WorkerQuery {
  /** Texts: `status = Idle`. All of them must hold. */
  readonly filters?: readonly string[] | undefined;
  /** A filter as data, in place of texts. */
  readonly filter?: WorkerFilterJson | undefined;
  /** Of one page. */
  readonly count?: number | undefined;
  readonly cursor?: ScanCursor | undefined;
  /** Computes each status from the oplog rather than from the index. */
  readonly precise?: boolean | undefined;
}

export interface InvocationOptions {
  /** One is made if none is given. The same key never runs a function twice on a worker. */
  readonly idempotencyKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** `traceparent` and `tracestate`. */
  readonly headers?: { readonly [name: string]: string } | undefined;
}

/** One of many calls over one connection. */
export interface BatchInvocation {
  /** Comes with the answer: by it one is told from another. Without, the number of the call, counted from 0. */
  readonly id?: string | number | undefined;
  /** Without a name the server makes a new worker for the call. */
  readonly workerName?: string | undefined;
  readonly functionName: string;
  readonly params: readonly unknown[];
  /** With a key the call can be made again after a lost connection, and runs once. */
  readonly idempotencyKey?: string | undefined;
  /** True to have it answered when it is stored, without a result. */
  readonly enqueue?: boolean | undefined;
}

/** The answer to one of them. */
export interface BatchAnswer {
  readonly id: string | number;
  /** Undefined for a call that failed, or that was only to be stored. */
  readonly result?: TypedValue | undefined;
  /** Why the call failed. */
  readonly error?: EmetError | undefined;
}

/** A value with its type, as results are. */
export interface TypedValue {
  readonly typ: TypeJson;
  readonly value: Json;
}

/** How a worker gets to another version. */
export type WorkerUpdate = UpdateWorker;

/** What an update would come to. */
export type DryRun = DryRunResult;

export type RevertTarget = RevertWorker;

/** An entry of the public oplog (spec/service.md §9): its kind, and the kind's own fields in snake_case. */
export interface PublicOplogEntry {
  readonly type: string;
  readonly timestamp: string;
  readonly [field: string]: Json;
}

export interface IndexedOplogEntry {
  readonly oplogIndex: number;
  readonly entry: PublicOplogEntry;
}

export interface OplogCursor {
  readonly next_oplog_index: number;
  readonly current_component_version: number;
}

export interface OplogPage {
  readonly entries: readonly IndexedOplogEntry[];
  readonly next: OplogCursor | null;
  readonly firstIndexInChunk: number;
  readonly lastIndex: number;
}

export interface OplogQuery {
  /** The first index; not together with `query`. */
  readonly from?: number | undefined;
  /** Entries that match this search (spec/service.md §9.5). */
  readonly query?: string | undefined;
  /** Of one page; 100 at most. */
  readonly count?: number | undefined;
}

/** A part of a list; everything without. */
export interface ListQuery {
  /** That of the page before. */
  readonly cursor?: string | undefined;
  /** Of one page; 10,000 at most. */
  readonly count?: number | undefined;
}

export type PromisePage = z.infer<typeof promiseListSchema>;
export type PromiseState = PromisePage["promises"][number];

export type SchedulePage = z.infer<typeof scheduleListSchema>;
export type Schedule = SchedulePage["schedules"][number];
