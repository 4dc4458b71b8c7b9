/** What clients ask to be done to workers (spec/service.md §3.1). */
import { z } from "zod";
import { workerIdSchema } from "./worker.ts";

const version = z.number().int().nonnegative();
const oplogIndex = z.number().int().nonnegative();

export const updateWorkerSchema = z.object({
  mode: z.enum(["Automatic", "Manual"]),
  targetVersion: version,
  /** With Manual: what the worker has made of its files goes with the snapshot. Golem has no such thing. */
  keepFiles: z.boolean().nullish(),
});
export type UpdateWorker = z.infer<typeof updateWorkerSchema>;

export const revertWorkerSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("revertToOplogIndex"), lastOplogIndex: oplogIndex }),
  z.object({ type: z.literal("revertLastInvocations"), numberOfInvocations: z.number().int().nonnegative() }),
]);
export type RevertWorker = z.infer<typeof revertWorkerSchema>;

export const forkWorkerSchema = z.object({
  targetWorkerName: z.string(),
  /** The last entry that the copy has; everything so far without. */
  oplogIndexCutOff: oplogIndex.nullish(),
});
export type ForkWorker = z.infer<typeof forkWorkerSchema>;

export const forkedWorkerSchema = z.object({ workerId: workerIdSchema });

export const cancelledInvocationSchema = z.object({ canceled: z.boolean() });

export const dryRunUpdateSchema = z.object({ targetVersion: version });

export const dryRunResultSchema = z.object({
  targetVersion: version,
  currentVersion: version,
  outcome: z.enum(["Compatible", "Diverges", "Fails"]),
  /** Of the worker's oplog. */
  lastIndex: oplogIndex,
  /** How far the version came. */
  replayedUntil: oplogIndex,
  /** The entry that the version would have done otherwise: what it wanted there, and what is there. */
  divergence: z.object({ oplogIndex, expected: z.string(), found: z.string() }).nullable(),
  details: z.string().nullable(),
});
export type DryRunResult = z.infer<typeof dryRunResultSchema>;
