/** The kinds of entries by the names that clients know (spec/service.md §9.1, §9.3). */
import type { EntryKind } from "./entry-types.ts";

/** How an interrupted worker went on is no kind of Golem's: it starts anew like one that is loaded again. */
const typeNames = {
  create: "Create",
  "imported-function-invoked": "ImportedFunctionInvoked",
  "exported-function-invoked": "ExportedFunctionInvoked",
  "exported-function-completed": "ExportedFunctionCompleted",
  suspend: "Suspend",
  error: "Error",
  "no-op": "NoOp",
  jump: "Jump",
  interrupted: "Interrupted",
  exited: "Exited",
  "change-retry-policy": "ChangeRetryPolicy",
  "begin-atomic-region": "BeginAtomicRegion",
  "end-atomic-region": "EndAtomicRegion",
  "begin-remote-write": "BeginRemoteWrite",
  "end-remote-write": "EndRemoteWrite",
  "pending-worker-invocation": "PendingWorkerInvocation",
  "cancel-pending-invocation": "CancelInvocation",
  "pending-update": "PendingUpdate",
  "successful-update": "SuccessfulUpdate",
  "failed-update": "FailedUpdate",
  "grow-memory": "GrowMemory",
  "create-resource": "CreateResource",
  "drop-resource": "DropResource",
  "describe-resource": "DescribeResource",
  log: "Log",
  restart: "Restart",
  resumed: "Restart",
  revert: "Revert",
  "start-span": "StartSpan",
  "finish-span": "FinishSpan",
  "set-span-attribute": "SetSpanAttribute",
  "activate-plugin": "ActivatePlugin",
  "deactivate-plugin": "DeactivatePlugin",
} as const satisfies { readonly [K in EntryKind]: string };

/** The name of a kind in the public JSON of entries. */
export type PublicKind<K extends EntryKind> = (typeof typeNames)[K];

function spellings<const T extends string>(
  type: T,
): { readonly type: T; readonly plain: string; readonly spelled: string } {
  return { type, plain: type.toLowerCase(), spelled: type.replaceAll(/(?!^)[A-Z]/gu, "-$&").toLowerCase() };
}

/** By kind: its name, and the two spellings of that by which queries find it. */
export const publicKinds = Object.fromEntries(
  Object.entries(typeNames).map(([kind, type]) => [kind, spellings(type)]),
) as { readonly [K in EntryKind]: ReturnType<typeof spellings<PublicKind<K>>> };
