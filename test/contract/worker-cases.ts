/** Workers (spec/service.md §3, §4, §5, §6, §8). */
import type { Case, Cases } from "./cases.ts";

const workers = "/v1/components/{component_id}/workers";
const worker = `${workers}/{worker_name}`;
const probe = (name: string): { readonly function: string } => ({ function: `test:probe/api.{${name}}` });

const unit = { result: { typ: { type: "Tuple", items: [] }, value: [] } };
const one = { result: { typ: { type: "Tuple", items: [{ type: "U64" }] }, value: [1] } };
const divided = { result: { typ: { type: "Tuple", items: [{ type: "S32" }] }, value: [-3] } };

/** What every invocation refuses alike. */
const refusedInvocations: readonly Case[] = [
  { it: "needs a function", json: { params: [] }, status: 400, says: "function" },
  { it: "needs a function's name", query: { function: "a b.{" }, json: { params: [] }, status: 400 },
  {
    it: "knows no function of another name",
    query: probe("unknown"),
    json: { params: [] },
    status: 500,
    golemError: "InvalidRequest",
    says: "unknown",
  },
  {
    it: "needs values that fit",
    query: probe("divide"),
    json: { params: ["6", -2] },
    status: 400,
  },
  {
    it: "needs values within range",
    query: probe("divide"),
    json: { params: [2_147_483_648, 1] },
    status: 400,
  },
  {
    it: "needs types that fit",
    query: probe("divide"),
    json: {
      params: [
        { typ: { type: "Str" }, value: "6" },
        { typ: { type: "S32" }, value: 2 },
      ],
    },
    status: 400,
  },
  {
    it: "needs a key that isn't empty",
    query: probe("bump"),
    json: { params: [] },
    headers: { "idempotency-key": "" },
    status: 400,
    says: "Idempotency-Key",
  },
  { it: "needs parameters", query: probe("bump"), json: {}, status: 400 },
  { it: "needs a list of parameters", query: probe("bump"), json: { params: {} }, status: 400 },
];

export const invocationCases: Cases = {
  [`post ${worker}/invoke-and-await`]: [
    {
      it: "creates the worker",
      path: { worker_name: "invoked" },
      query: probe("bump"),
      json: { params: [] },
      body: one,
    },
    {
      it: "takes parameters with their types",
      query: probe("divide"),
      json: {
        params: [
          { typ: { type: "S32" }, value: 6 },
          { typ: { type: "S32" }, value: -2 },
        ],
      },
      body: divided,
    },
    { it: "takes parameters without", query: probe("divide"), json: { params: [6, -2] }, body: divided },
    { it: "gives no result of a function without", query: probe("commit"), json: { params: [] }, body: unit },
    {
      it: "knows the charset",
      query: probe("commit"),
      json: { params: [] },
      headers: { "content-type": "application/json; charset=utf-8" },
      body: unit,
    },
    {
      it: "gives the result of a key again",
      path: { worker_name: "finished" },
      query: probe("bump"),
      headers: { "Idempotency-Key": "finished-key" },
      json: { params: [] },
      body: one,
    },
    {
      it: "needs the right number of values",
      query: probe("divide"),
      json: { params: [1] },
      status: 400,
      says: "takes 2 parameters",
    },
    {
      it: "tells of a trap",
      path: { worker_name: "trapping" },
      query: probe("fail"),
      json: { params: ["it fails"] },
      status: 500,
      golemError: "RuntimeError",
      says: "error while executing at wasm backtrace:",
    },
    {
      it: "tells of a trap before",
      path: { worker_name: "failing" },
      query: probe("count"),
      json: { params: [] },
      status: 500,
      golemError: "PreviousInvocationFailed",
      says: "it fails",
    },
    {
      it: "tells of an exit before",
      path: { worker_name: "exiting" },
      query: probe("count"),
      json: { params: [] },
      status: 500,
      golemError: "PreviousInvocationExited",
    },
    ...refusedInvocations,
  ],
  [`post ${worker}/invoke`]: [
    { it: "notes it", query: probe("bump"), json: { params: [] }, body: {} },
    {
      it: "notes a key once",
      path: { worker_name: "finished" },
      query: probe("bump"),
      headers: { "Idempotency-Key": "finished-key" },
      json: { params: [] },
      body: {},
    },
    {
      it: "tells of a trap before",
      path: { worker_name: "failing" },
      query: probe("count"),
      json: { params: [] },
      status: 500,
      golemError: "PreviousInvocationFailed",
    },
    ...refusedInvocations,
  ],
  "post /v1/components/{component_id}/invoke-and-await": [
    { it: "calls a new worker", query: probe("bump"), json: { params: [] }, body: one },
    {
      it: "calls a new instance",
      path: { component_id: "$ephemeral" },
      query: probe("bump"),
      json: { params: [] },
      body: one,
    },
    {
      it: "tells of an exit",
      query: probe("exit"),
      json: { params: [{ err: null }] },
      status: 500,
      golemError: "RuntimeError",
      says: "Process exited",
    },
    ...refusedInvocations,
  ],
  "post /v1/components/{component_id}/invocations": [
    {
      it: "answers each line",
      lines: [{ id: "a", worker: "batched", ...probe("bump"), params: [] }],
      body: [{ id: "a", ...one }],
    },
    {
      it: "calls a new worker, and numbers lines",
      lines: [{ ...probe("bump"), params: [] }],
      body: [{ id: 0, ...one }],
    },
    { it: "answers nothing with nothing", lines: [], body: [] },
    { it: "tells when it is accepted", lines: [{ ...probe("bump"), params: [], await: false }], body: [{ id: 0 }] },
    {
      it: "tells of an exit",
      lines: [{ ...probe("exit"), params: [{ err: null }] }],
      body: [{ id: 0, status: 500, golemError: { type: "RuntimeError", details: "Process exited" } }],
    },
    { it: "needs a function in each line", lines: [{ params: [] }], says: "function" },
    { it: "needs parameters in each line", lines: [{ function: "f" }], says: "params" },
    { it: "needs objects", lines: [null], says: "expected object" },
    {
      it: "needs names of workers",
      lines: [{ worker: "-x", ...probe("bump"), params: [] }],
      says: "Invalid worker name",
    },
    {
      it: "needs keys that aren't empty",
      lines: [{ idempotencyKey: "", ...probe("bump"), params: [] }],
      says: "idempotencyKey",
    },
    { it: "needs a name that parses", lines: [{ function: "{", params: [] }], says: "400" },
  ],
  "post /v1/components/{component_id}/invoke": [
    { it: "notes it", query: probe("bump"), json: { params: [] }, body: {} },
    ...refusedInvocations,
  ],
};

export const workerCases: Cases = {
  [`post ${workers}`]: [
    {
      it: "creates one",
      json: { name: "created", args: ["a"], env: { B: "c" } },
      has: { workerId: { componentId: "$component", workerName: "created" } },
    },
    { it: "needs no more than a name", json: { name: "created-bare" } },
    { it: "ignores members that it doesn't know", json: { name: "created-more", more: 1 } },
    {
      it: "creates it once",
      json: { name: "created", args: [], env: {} },
      status: 500,
      golemError: "WorkerAlreadyExists",
    },
    { it: "needs a name", json: { args: [], env: {} }, status: 400, says: "name" },
    { it: "needs a valid name", json: { name: "-x", args: [], env: {} }, status: 400, says: "Invalid worker name" },
    { it: "needs a short name", json: { name: "x".repeat(101) }, status: 400, says: "Invalid worker name" },
    { it: "needs texts", json: { name: "x", args: [1], env: {} }, status: 400, says: "args.0" },
    {
      it: "needs a component that there is",
      path: { component_id: "$unknown" },
      json: { name: "x" },
      status: 404,
      says: "Couldn't retrieve the component",
    },
  ],
  [`get ${workers}`]: [
    { it: "lists all", query: { count: "10000" }, has: { cursor: null } },
    { it: "lists a page", query: { count: "1", precise: "true" } },
    { it: "takes a filter", query: { filter: "name = known", cursor: "0/0" } },
    { it: "needs a filter that is one", query: { filter: "name" }, status: 400, says: "filter" },
    { it: "needs a cursor that is one", query: { cursor: "17" }, status: 400, says: "cursor" },
    { it: "knows the cursors that it gave", query: { cursor: "0/999999" }, status: 400, says: "cursor" },
    { it: "needs a count above 0", query: { count: "0" }, status: 400, says: "count" },
    { it: "knows true and false", query: { precise: "maybe" }, status: 400, says: "precise" },
  ],
  [`post ${workers}/find`]: [
    { it: "finds all", json: {} },
    { it: "takes null for what isn't given", json: { filter: null, cursor: null, count: null, precise: null } },
    {
      it: "takes a filter",
      json: {
        filter: {
          type: "And",
          filters: [
            { type: "Name", comparator: "Like", value: "known" },
            { type: "Not", filter: { type: "Or", filters: [{ type: "Version", comparator: "Greater", value: 0 }] } },
            { type: "Status", comparator: "Equal", value: "Idle" },
            { type: "CreatedAt", comparator: "Greater", value: "2001-01-01T00:00:00Z" },
            { type: "Env", name: "X", comparator: "NotEqual", value: "y" },
          ],
        },
        cursor: { layer: 0, cursor: 0 },
        count: 20,
        precise: true,
      },
    },
    {
      it: "needs comparators that fit",
      json: { filter: { type: "Version", comparator: "Like", value: 1 } },
      status: 400,
      says: "filter",
    },
    { it: "needs a cursor that is one", json: { cursor: "0/1" }, status: 400, says: "cursor" },
    { it: "needs a count above 0", json: { count: 0 }, status: 400, says: "count" },
  ],
  [`get ${worker}`]: [
    {
      it: "gives the metadata",
      calls: 1,
      has: {
        args: [],
        env: {},
        status: "Idle",
        retryCount: 0,
        pendingInvocationCount: 0,
        updates: [],
        lastError: null,
        ownedResources: {},
      },
    },
    {
      it: "tells of resources",
      path: { component_id: "$counters", worker_name: "counting" },
      says: '"indexed":{"resourceName":"counter","resourceParams":["1"]}',
    },
    { it: "tells of errors", path: { worker_name: "failing" }, has: { status: "Failed" } },
    {
      it: "tells of plugins",
      path: { worker_name: "plugged" },
      has: { activePlugins: ["$installation", "$removable-installation"] },
    },
  ],
  [`delete ${worker}`]: [{ it: "deletes", calls: 1, body: {} }],
  [`get ${worker}/connect`]: [{ it: "needs a WebSocket", status: 400 }],
};

export const operationCases: Cases = {
  [`post ${worker}/complete`]: [
    {
      it: "completes a promise",
      path: { worker_name: "promising" },
      json: { oplogIdx: "$promise", data: [0, 255] },
      body: true,
    },
    {
      it: "completes it once",
      path: { worker_name: "promising" },
      json: { oplogIdx: "$promise", data: [] },
      body: false,
    },
    {
      it: "knows no other promise",
      path: { worker_name: "promising" },
      json: { oplogIdx: 1, data: [] },
      status: 500,
      golemError: "PromiseNotFound",
    },
    { it: "needs an index", json: { oplogIdx: -1, data: [] }, status: 400, says: "oplogIdx" },
    { it: "needs bytes", json: { oplogIdx: 1, data: [256] }, status: 400, says: "data.0" },
  ],
  [`post ${worker}/interrupt`]: [
    { it: "leaves an idle worker as it is", body: {} },
    { it: "imitates a crash", calls: 1, query: { "recovery-immediately": "true" }, body: {} },
    { it: "knows true and false", query: { "recovery-immediately": "maybe" }, status: 400 },
  ],
  [`post ${worker}/resume`]: [
    { it: "resumes an idle worker", body: {} },
    {
      it: "refuses a failed worker",
      path: { worker_name: "failing" },
      status: 500,
      golemError: "InvalidRequest",
      says: "not suspended, interrupted or idle",
    },
  ],
  [`post ${worker}/update`]: [
    {
      it: "notes it",
      path: { worker_name: "finished" },
      json: { mode: "Automatic", targetVersion: "$latest" },
      body: {},
    },
    {
      it: "refuses the version that the worker has",
      json: { mode: "Manual", targetVersion: 0 },
      status: 500,
      golemError: "InvalidRequest",
      says: "Worker is already at the target version",
    },
    { it: "knows two modes", json: { mode: "Quick", targetVersion: 1 }, status: 400, says: "mode" },
    { it: "needs a version", json: { mode: "Manual", targetVersion: -1 }, status: 400, says: "targetVersion" },
  ],
  [`post ${worker}/update-dry-run`]: [
    {
      it: "tells of a version that fits",
      json: { targetVersion: "$latest" },
      has: { targetVersion: "$latest", currentVersion: 0, outcome: "Compatible", divergence: null, details: null },
    },
    { it: "needs a version", json: { targetVersion: "latest" }, status: 400, says: "targetVersion" },
  ],
  [`post ${worker}/revert`]: [
    { it: "reverts calls", calls: 2, json: { type: "revertLastInvocations", numberOfInvocations: 1 }, body: {} },
    { it: "reverts to an entry", calls: 2, json: { type: "revertToOplogIndex", lastOplogIndex: 1 }, body: {} },
    {
      it: "needs as many calls",
      calls: 1,
      json: { type: "revertLastInvocations", numberOfInvocations: 2 },
      status: 500,
      golemError: "InvalidRequest",
    },
    { it: "knows two targets", json: { type: "revertAll" }, status: 400, says: "type" },
    {
      it: "needs an index",
      json: { type: "revertToOplogIndex", lastOplogIndex: 1.5 },
      status: 400,
      says: "lastOplogIndex",
    },
  ],
  [`post ${worker}/fork`]: [
    {
      it: "copies a worker",
      json: { targetWorkerName: "copy" },
      body: { workerId: { componentId: "$component", workerName: "copy" } },
    },
    { it: "copies a part of one", json: { targetWorkerName: "part", oplogIndexCutOff: 2 } },
    {
      it: "needs a name that is free",
      json: { targetWorkerName: "known" },
      status: 500,
      golemError: "WorkerAlreadyExists",
    },
    {
      it: "needs an entry behind the first",
      json: { targetWorkerName: "none", oplogIndexCutOff: 1 },
      status: 500,
      golemError: "InvalidRequest",
      says: "oplog_index_cut_off must be at least 2",
    },
    { it: "needs a valid name", json: { targetWorkerName: "a b" }, status: 400, says: "Invalid worker name" },
  ],
  [`delete ${worker}/invocations/{idempotency_key}`]: [
    {
      it: "cancels what waits",
      path: { worker_name: "waiting", idempotency_key: "pending-key" },
      body: { canceled: true },
    },
    {
      it: "leaves what runs",
      path: { worker_name: "waiting", idempotency_key: "running-key" },
      body: { canceled: false },
    },
    {
      it: "leaves what has finished",
      path: { worker_name: "finished", idempotency_key: "finished-key" },
      body: { canceled: false },
    },
    {
      it: "knows no other key",
      path: { idempotency_key: "unknown" },
      status: 404,
      says: "unknown",
    },
  ],
  [`get ${worker}/oplog`]: [
    { it: "gives a page", query: { from: "1", count: "100" }, has: { firstIndexInChunk: 1 } },
    { it: "goes on from a cursor", query: { cursor: "2-0", count: "1" }, has: { firstIndexInChunk: 2 } },
    { it: "searches", query: { query: "bump", count: "10" } },
    { it: "ends with an empty page", query: { from: "1000", count: "10" }, has: { entries: [], next: null } },
    {
      it: "starts or searches",
      query: { from: "1", query: "bump", count: "10" },
      status: 400,
      says: "Cannot specify both the 'from' and the 'query' parameters",
    },
    { it: "needs a count", query: { from: "1" }, status: 400, says: "count" },
    { it: "needs a count above 0", query: { from: "1", count: "0" }, status: 400, says: "count" },
    { it: "needs a cursor that is one", query: { cursor: "2", count: "1" }, status: 400, says: "cursor" },
    { it: "needs a query that is one", query: { query: "(bump", count: "1" }, status: 400 },
  ],
  [`get ${worker}/promises`]: [{ it: "lists them", path: { worker_name: "promising" } }],
  [`get ${worker}/schedules`]: [{ it: "lists them" }],
  [`post ${worker}/schedules`]: [
    {
      it: "schedules a call",
      query: probe("bump"),
      headers: { "Idempotency-Key": "later" },
      json: { at: "2999-01-01T00:00:00Z", params: [] },
      has: { idempotencyKey: "later" },
    },
    { it: "makes a key", query: probe("bump"), json: { at: "2999-01-01T00:00:00+01:00", params: [] } },
    { it: "needs a time", query: probe("bump"), json: { at: "later", params: [] }, status: 400, says: "at" },
    {
      it: "knows no function of another name",
      query: probe("unknown"),
      json: { at: "2999-01-01T00:00:00Z", params: [] },
      status: 500,
      golemError: "InvalidRequest",
    },
    {
      it: "needs values that fit",
      query: probe("divide"),
      json: { at: "2999-01-01T00:00:00Z", params: ["x", 1] },
      status: 400,
    },
    { it: "needs a function", json: { at: "2999-01-01T00:00:00Z", params: [] }, status: 400, says: "function" },
  ],
  [`delete ${worker}/schedules/{schedule_id}`]: [
    { it: "cancels", path: { schedule_id: "$schedule" }, body: { canceled: true } },
    { it: "cancels once", path: { schedule_id: "$schedule" }, body: { canceled: false } },
    { it: "needs an id", path: { schedule_id: "x" }, status: 400 },
  ],
  [`get ${worker}/files/{path}`]: [
    { it: "lists a directory", path: { path: "/data" } },
    { it: "lists the root", path: { path: "/" } },
    { it: "creates the worker", path: { worker_name: "listed", path: "data" } },
    { it: "lists no file", path: { path: "/data/a.txt" }, status: 400 },
    { it: "finds nothing", path: { path: "/none" }, status: 404 },
  ],
  [`get ${worker}/file-contents/{path}`]: [
    { it: "gives the bytes", path: { path: "/data/a.txt" } },
    { it: "reads no directory", path: { path: "/data" }, status: 400 },
    { it: "finds nothing", path: { path: "/none" }, status: 404 },
  ],
  [`post ${worker}/activate-plugin`]: [
    {
      it: "switches it on",
      path: { worker_name: "plugged" },
      query: { "plugin-installation-id": "$installation" },
      body: {},
    },
    { it: "needs one that the version has", query: { "plugin-installation-id": "$unknown" }, status: 404 },
    { it: "needs an id", query: { "plugin-installation-id": "x" }, status: 400 },
  ],
  [`post ${worker}/deactivate-plugin`]: [
    {
      it: "switches it off",
      path: { worker_name: "plugged" },
      query: { "plugin-installation-id": "$installation" },
      body: {},
    },
    { it: "needs one that the version has", query: { "plugin-installation-id": "$unknown" }, status: 404 },
    { it: "needs an id", status: 400 },
  ],
};
