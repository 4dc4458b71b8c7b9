/**
 * How long it takes until workers are there again:
 * `node --conditions=source bench/recovery/main.ts [--part=records|invocations|many] [--workers=10000]`.
 * Each time the server is killed by SIGKILL and started again over the same data.
 */
import { textOption } from "../harness/report.ts";
import { manyWorkers } from "./many-workers.ts";
import { manyInvocations, oneInvocation } from "./one-worker.ts";

const parts = { records: oneInvocation, invocations: manyInvocations, many: manyWorkers } as const;

const part = textOption("part");
for (const [name, measure] of Object.entries(parts)) if (part === undefined || part === name) await measure();
