/** Made of packages/sdk/wit/golem-api-1.1/oplog-processor.wit by tools/generate-host-types.ts. */
import type { Result } from "../../results.ts";

export type Processor = number;

export type AccountId = { readonly value: string };

export type AccountInfo = { readonly accountId: AccountId };

export type ComponentId = { readonly uuid: { readonly highBits: bigint; readonly lowBits: bigint } };

export type WorkerId = { readonly componentId: ComponentId; readonly workerName: string };

export type WorkerMetadata = {
  readonly workerId: WorkerId;
  readonly args: readonly string[];
  readonly env: readonly (readonly [string, string])[];
  readonly status: "running" | "idle" | "suspended" | "interrupted" | "retrying" | "failed" | "exited";
  readonly componentVersion: bigint;
  readonly retryCount: bigint;
};

export type OplogEntry =
  | {
      readonly tag: "create";
      readonly val: {
        readonly timestamp: { readonly seconds: bigint; readonly nanoseconds: number };
        readonly workerId: WorkerId;
        readonly componentVersion: bigint;
        readonly args: readonly string[];
        readonly env: readonly (readonly [string, string])[];
        readonly accountId: AccountId;
        readonly parent: WorkerId | undefined;
        readonly componentSize: bigint;
        readonly initialTotalLinearMemorySize: bigint;
        readonly initialActivePlugins: readonly {
          readonly installationId: { readonly highBits: bigint; readonly lowBits: bigint };
          readonly name: string;
          readonly version: string;
          readonly parameters: readonly (readonly [string, string])[];
        }[];
      };
    }
  | {
      readonly tag: "imported-function-invoked";
      readonly val: {
        readonly timestamp: { readonly seconds: bigint; readonly nanoseconds: number };
        readonly functionName: string;
        readonly request: {
          readonly nodes: readonly (
            | { readonly tag: "record-value"; readonly val: ArrayLike<number> }
            | { readonly tag: "variant-value"; readonly val: readonly [number, number | undefined] }
            | { readonly tag: "enum-value"; readonly val: number }
            | { readonly tag: "flags-value"; readonly val: readonly boolean[] }
            | { readonly tag: "tuple-value"; readonly val: ArrayLike<number> }
            | { readonly tag: "list-value"; readonly val: ArrayLike<number> }
            | { readonly tag: "option-value"; readonly val: number | undefined }
            | { readonly tag: "result-value"; readonly val: Result<number | undefined, number | undefined> }
            | { readonly tag: "prim-u8"; readonly val: number }
            | { readonly tag: "prim-u16"; readonly val: number }
            | { readonly tag: "prim-u32"; readonly val: number }
            | { readonly tag: "prim-u64"; readonly val: bigint }
            | { readonly tag: "prim-s8"; readonly val: number }
            | { readonly tag: "prim-s16"; readonly val: number }
            | { readonly tag: "prim-s32"; readonly val: number }
            | { readonly tag: "prim-s64"; readonly val: bigint }
            | { readonly tag: "prim-float32"; readonly val: number }
            | { readonly tag: "prim-float64"; readonly val: number }
            | { readonly tag: "prim-char"; readonly val: string }
            | { readonly tag: "prim-bool"; readonly val: boolean }
            | { readonly tag: "prim-string"; readonly val: string }
            | { readonly tag: "handle"; readonly val: readonly [AccountId, bigint] }
          )[];
        };
        readonly response: {
          readonly nodes: readonly (
            | { readonly tag: "record-value"; readonly val: ArrayLike<number> }
            | { readonly tag: "variant-value"; readonly val: readonly [number, number | undefined] }
            | { readonly tag: "enum-value"; readonly val: number }
            | { readonly tag: "flags-value"; readonly val: readonly boolean[] }
            | { readonly tag: "tuple-value"; readonly val: ArrayLike<number> }
            | { readonly tag: "list-value"; readonly val: ArrayLike<number> }
            | { readonly tag: "option-value"; readonly val: number | undefined }
            | { readonly tag: "result-value"; readonly val: Result<number | undefined, number | undefined> }
            | { readonly tag: "prim-u8"; readonly val: number }
            | { readonly tag: "prim-u16"; readonly val: number }
            | { readonly tag: "prim-u32"; readonly val: number }
            | { readonly tag: "prim-u64"; readonly val: bigint }
            | { readonly tag: "prim-s8"; readonly val: number }
            | { readonly tag: "prim-s16"; readonly val: number }
            | { readonly tag: "prim-s32"; readonly val: number }
            | { readonly tag: "prim-s64"; readonly val: bigint }
            | { readonly tag: "prim-float32"; readonly val: number }
            | { readonly tag: "prim-float64"; readonly val: number }
            | { readonly tag: "prim-char"; readonly val: string }
            | { readonly tag: "prim-bool"; readonly val: boolean }
            | { readonly tag: "prim-string"; readonly val: string }
            | { readonly tag: "handle"; readonly val: readonly [AccountId, bigint] }
          )[];
        };
        readonly wrappedFunctionType:
          | { readonly tag: "read-local"; readonly val?: undefined }
          | { readonly tag: "write-local"; readonly val?: undefined }
          | { readonly tag: "read-remote"; readonly val?: undefined }
          | { readonly tag: "write-remote"; readonly val?: undefined }
          | { readonly tag: "write-remote-batched"; readonly val: bigint | undefined };
      };
    }
  | {
      readonly tag: "exported-function-invoked";
      readonly val: {
        readonly timestamp: { readonly seconds: bigint; readonly nanoseconds: number };
        readonly functionName: string;
        readonly request: readonly {
          readonly nodes: readonly (
            | { readonly tag: "record-value"; readonly val: ArrayLike<number> }
            | { readonly tag: "variant-value"; readonly val: readonly [number, number | undefined] }
            | { readonly tag: "enum-value"; readonly val: number }
            | { readonly tag: "flags-value"; readonly val: readonly boolean[] }
            | { readonly tag: "tuple-value"; readonly val: ArrayLike<number> }
            | { readonly tag: "list-value"; readonly val: ArrayLike<number> }
            | { readonly tag: "option-value"; readonly val: number | undefined }
            | { readonly tag: "result-value"; readonly val: Result<number | undefined, number | undefined> }
            | { readonly tag: "prim-u8"; readonly val: number }
            | { readonly tag: "prim-u16"; readonly val: number }
            | { readonly tag: "prim-u32"; readonly val: number }
            | { readonly tag: "prim-u64"; readonly val: bigint }
            | { readonly tag: "prim-s8"; readonly val: number }
            | { readonly tag: "prim-s16"; readonly val: number }
            | { readonly tag: "prim-s32"; readonly val: number }
            | { readonly tag: "prim-s64"; readonly val: bigint }
            | { readonly tag: "prim-float32"; readonly val: number }
            | { readonly tag: "prim-float64"; readonly val: number }
            | { readonly tag: "prim-char"; readonly val: string }
            | { readonly tag: "prim-bool"; readonly val: boolean }
            | { readonly tag: "prim-string"; readonly val: string }
            | { readonly tag: "handle"; readonly val: readonly [AccountId, bigint] }
          )[];
        }[];
        readonly idempotencyKey: string;
        readonly traceId: string;
        readonly traceStates: readonly string[];
        readonly invocationContext: readonly (readonly (
          | {
              readonly tag: "local-span";
              readonly val: {
                readonly spanId: string;
                readonly start: { readonly seconds: bigint; readonly nanoseconds: number };
                readonly parent: string | undefined;
                readonly linkedContext: bigint | undefined;
                readonly attributes: readonly {
                  readonly key: string;
                  readonly value: { readonly tag: "string"; readonly val: string };
                }[];
                readonly inherited: boolean;
              };
            }
          | { readonly tag: "external-span"; readonly val: { readonly spanId: string } }
        )[])[];
      };
    }
  | {
      readonly tag: "exported-function-completed";
      readonly val: {
        readonly timestamp: { readonly seconds: bigint; readonly nanoseconds: number };
        readonly response: {
          readonly nodes: readonly (
            | { readonly tag: "record-value"; readonly val: ArrayLike<number> }
            | { readonly tag: "variant-value"; readonly val: readonly [number, number | undefined] }
            | { readonly tag: "enum-value"; readonly val: number }
            | { readonly tag: "flags-value"; readonly val: readonly boolean[] }
            | { readonly tag: "tuple-value"; readonly val: ArrayLike<number> }
            | { readonly tag: "list-value"; readonly val: ArrayLike<number> }
            | { readonly tag: "option-value"; readonly val: number | undefined }
            | { readonly tag: "result-value"; readonly val: Result<number | undefined, number | undefined> }
            | { readonly tag: "prim-u8"; readonly val: number }
            | { readonly tag: "prim-u16"; readonly val: number }
            | { readonly tag: "prim-u32"; readonly val: number }
            | { readonly tag: "prim-u64"; readonly val: bigint }
            | { readonly tag: "prim-s8"; readonly val: number }
            | { readonly tag: "prim-s16"; readonly val: number }
            | { readonly tag: "prim-s32"; readonly val: number }
            | { readonly tag: "prim-s64"; readonly val: bigint }
            | { readonly tag: "prim-float32"; readonly val: number }
            | { readonly tag: "prim-float64"; readonly val: number }
            | { readonly tag: "prim-char"; readonly val: string }
            | { readonly tag: "prim-bool"; readonly val: boolean }
            | { readonly tag: "prim-string"; readonly val: string }
            | { readonly tag: "handle"; readonly val: readonly [AccountId, bigint] }
          )[];
        };
        readonly consumedFuel: bigint;
      };
    }
  | { readonly tag: "suspend"; readonly val: { readonly seconds: bigint; readonly nanoseconds: number } }
  | {
      readonly tag: "error";
      readonly val: {
        readonly timestamp: { readonly seconds: bigint; readonly nanoseconds: number };
        readonly error: string;
      };
    }
  | { readonly tag: "no-op"; readonly val: { readonly seconds: bigint; readonly nanoseconds: number } }
  | {
      readonly tag: "jump";
      readonly val: {
        readonly timestamp: { readonly seconds: bigint; readonly nanoseconds: number };
        readonly start: bigint;
        readonly end: bigint;
      };
    }
  | { readonly tag: "interrupted"; readonly val: { readonly seconds: bigint; readonly nanoseconds: number } }
  | { readonly tag: "exited"; readonly val: { readonly seconds: bigint; readonly nanoseconds: number } }
  | {
      readonly tag: "change-retry-policy";
      readonly val: {
        readonly timestamp: { readonly seconds: bigint; readonly nanoseconds: number };
        readonly retryPolicy: {
          readonly maxAttempts: number;
          readonly minDelay: bigint;
          readonly maxDelay: bigint;
          readonly multiplier: number;
          readonly maxJitterFactor: number | undefined;
        };
      };
    }
  | { readonly tag: "begin-atomic-region"; readonly val: { readonly seconds: bigint; readonly nanoseconds: number } }
  | {
      readonly tag: "end-atomic-region";
      readonly val: {
        readonly timestamp: { readonly seconds: bigint; readonly nanoseconds: number };
        readonly beginIndex: bigint;
      };
    }
  | { readonly tag: "begin-remote-write"; readonly val: { readonly seconds: bigint; readonly nanoseconds: number } }
  | {
      readonly tag: "end-remote-write";
      readonly val: {
        readonly timestamp: { readonly seconds: bigint; readonly nanoseconds: number };
        readonly beginIndex: bigint;
      };
    }
  | {
      readonly tag: "pending-worker-invocation";
      readonly val: {
        readonly timestamp: { readonly seconds: bigint; readonly nanoseconds: number };
        readonly invocation:
          | {
              readonly tag: "exported-function";
              readonly val: {
                readonly idempotencyKey: string;
                readonly functionName: string;
                readonly input:
                  | readonly {
                      readonly nodes: readonly (
                        | { readonly tag: "record-value"; readonly val: ArrayLike<number> }
                        | { readonly tag: "variant-value"; readonly val: readonly [number, number | undefined] }
                        | { readonly tag: "enum-value"; readonly val: number }
                        | { readonly tag: "flags-value"; readonly val: readonly boolean[] }
                        | { readonly tag: "tuple-value"; readonly val: ArrayLike<number> }
                        | { readonly tag: "list-value"; readonly val: ArrayLike<number> }
                        | { readonly tag: "option-value"; readonly val: number | undefined }
                        | { readonly tag: "result-value"; readonly val: Result<number | undefined, number | undefined> }
                        | { readonly tag: "prim-u8"; readonly val: number }
                        | { readonly tag: "prim-u16"; readonly val: number }
                        | { readonly tag: "prim-u32"; readonly val: number }
                        | { readonly tag: "prim-u64"; readonly val: bigint }
                        | { readonly tag: "prim-s8"; readonly val: number }
                        | { readonly tag: "prim-s16"; readonly val: number }
                        | { readonly tag: "prim-s32"; readonly val: number }
                        | { readonly tag: "prim-s64"; readonly val: bigint }
                        | { readonly tag: "prim-float32"; readonly val: number }
                        | { readonly tag: "prim-float64"; readonly val: number }
                        | { readonly tag: "prim-char"; readonly val: string }
                        | { readonly tag: "prim-bool"; readonly val: boolean }
                        | { readonly tag: "prim-string"; readonly val: string }
                        | { readonly tag: "handle"; readonly val: readonly [AccountId, bigint] }
                      )[];
                    }[]
                  | undefined;
              };
            }
          | { readonly tag: "manual-update"; readonly val: bigint };
      };
    }
  | {
      readonly tag: "pending-update";
      readonly val: {
        readonly timestamp: { readonly seconds: bigint; readonly nanoseconds: number };
        readonly targetVersion: bigint;
        readonly updateDescription:
          | { readonly tag: "auto-update"; readonly val?: undefined }
          | { readonly tag: "snapshot-based"; readonly val: Uint8Array };
      };
    }
  | {
      readonly tag: "successful-update";
      readonly val: {
        readonly timestamp: { readonly seconds: bigint; readonly nanoseconds: number };
        readonly targetVersion: bigint;
        readonly newComponentSize: bigint;
        readonly newActivePlugins: readonly {
          readonly installationId: { readonly highBits: bigint; readonly lowBits: bigint };
          readonly name: string;
          readonly version: string;
          readonly parameters: readonly (readonly [string, string])[];
        }[];
      };
    }
  | {
      readonly tag: "failed-update";
      readonly val: {
        readonly timestamp: { readonly seconds: bigint; readonly nanoseconds: number };
        readonly targetVersion: bigint;
        readonly details: string | undefined;
      };
    }
  | {
      readonly tag: "grow-memory";
      readonly val: {
        readonly timestamp: { readonly seconds: bigint; readonly nanoseconds: number };
        readonly delta: bigint;
      };
    }
  | {
      readonly tag: "create-resource";
      readonly val: {
        readonly timestamp: { readonly seconds: bigint; readonly nanoseconds: number };
        readonly resourceId: bigint;
      };
    }
  | {
      readonly tag: "drop-resource";
      readonly val: {
        readonly timestamp: { readonly seconds: bigint; readonly nanoseconds: number };
        readonly resourceId: bigint;
      };
    }
  | {
      readonly tag: "describe-resource";
      readonly val: {
        readonly timestamp: { readonly seconds: bigint; readonly nanoseconds: number };
        readonly resourceId: bigint;
        readonly resourceName: string;
        readonly resourceParams: readonly {
          readonly nodes: readonly (
            | { readonly tag: "record-value"; readonly val: ArrayLike<number> }
            | { readonly tag: "variant-value"; readonly val: readonly [number, number | undefined] }
            | { readonly tag: "enum-value"; readonly val: number }
            | { readonly tag: "flags-value"; readonly val: readonly boolean[] }
            | { readonly tag: "tuple-value"; readonly val: ArrayLike<number> }
            | { readonly tag: "list-value"; readonly val: ArrayLike<number> }
            | { readonly tag: "option-value"; readonly val: number | undefined }
            | { readonly tag: "result-value"; readonly val: Result<number | undefined, number | undefined> }
            | { readonly tag: "prim-u8"; readonly val: number }
            | { readonly tag: "prim-u16"; readonly val: number }
            | { readonly tag: "prim-u32"; readonly val: number }
            | { readonly tag: "prim-u64"; readonly val: bigint }
            | { readonly tag: "prim-s8"; readonly val: number }
            | { readonly tag: "prim-s16"; readonly val: number }
            | { readonly tag: "prim-s32"; readonly val: number }
            | { readonly tag: "prim-s64"; readonly val: bigint }
            | { readonly tag: "prim-float32"; readonly val: number }
            | { readonly tag: "prim-float64"; readonly val: number }
            | { readonly tag: "prim-char"; readonly val: string }
            | { readonly tag: "prim-bool"; readonly val: boolean }
            | { readonly tag: "prim-string"; readonly val: string }
            | { readonly tag: "handle"; readonly val: readonly [AccountId, bigint] }
          )[];
        }[];
      };
    }
  | {
      readonly tag: "log";
      readonly val: {
        readonly timestamp: { readonly seconds: bigint; readonly nanoseconds: number };
        readonly level: "stdout" | "stderr" | "trace" | "debug" | "info" | "warn" | "error" | "critical";
        readonly context: string;
        readonly message: string;
      };
    }
  | { readonly tag: "restart"; readonly val: { readonly seconds: bigint; readonly nanoseconds: number } }
  | {
      readonly tag: "activate-plugin";
      readonly val: {
        readonly timestamp: { readonly seconds: bigint; readonly nanoseconds: number };
        readonly plugin: {
          readonly installationId: { readonly highBits: bigint; readonly lowBits: bigint };
          readonly name: string;
          readonly version: string;
          readonly parameters: readonly (readonly [string, string])[];
        };
      };
    }
  | {
      readonly tag: "deactivate-plugin";
      readonly val: {
        readonly timestamp: { readonly seconds: bigint; readonly nanoseconds: number };
        readonly plugin: {
          readonly installationId: { readonly highBits: bigint; readonly lowBits: bigint };
          readonly name: string;
          readonly version: string;
          readonly parameters: readonly (readonly [string, string])[];
        };
      };
    }
  | {
      readonly tag: "revert";
      readonly val: {
        readonly timestamp: { readonly seconds: bigint; readonly nanoseconds: number };
        readonly start: bigint;
        readonly end: bigint;
      };
    }
  | {
      readonly tag: "cancel-invocation";
      readonly val: {
        readonly timestamp: { readonly seconds: bigint; readonly nanoseconds: number };
        readonly idempotencyKey: string;
      };
    }
  | {
      readonly tag: "start-span";
      readonly val: {
        readonly timestamp: { readonly seconds: bigint; readonly nanoseconds: number };
        readonly spanId: string;
        readonly parent: string | undefined;
        readonly linkedContext: string | undefined;
        readonly attributes: readonly {
          readonly key: string;
          readonly value: { readonly tag: "string"; readonly val: string };
        }[];
      };
    }
  | {
      readonly tag: "finish-span";
      readonly val: {
        readonly timestamp: { readonly seconds: bigint; readonly nanoseconds: number };
        readonly spanId: string;
      };
    }
  | {
      readonly tag: "set-span-attribute";
      readonly val: {
        readonly timestamp: { readonly seconds: bigint; readonly nanoseconds: number };
        readonly spanId: string;
        readonly key: string;
        readonly value: { readonly tag: "string"; readonly val: string };
      };
    }
  | {
      readonly tag: "change-persistence-level";
      readonly val: {
        readonly timestamp: { readonly seconds: bigint; readonly nanoseconds: number };
        readonly persistenceLevel:
          | { readonly tag: "persist-nothing"; readonly val?: undefined }
          | { readonly tag: "persist-remote-side-effects"; readonly val?: undefined }
          | { readonly tag: "smart"; readonly val?: undefined };
      };
    };

/** golem:api/oplog-processor@1.1.7 */
export interface GolemApiOplogProcessor {
  readonly name: "golem:api/oplog-processor@1.1.7";
  readonly functions: {
    readonly "[constructor]processor": (
      accountInfo: AccountInfo,
      componentId: ComponentId,
      config: readonly (readonly [string, string])[],
    ) => Processor;
    readonly "[method]processor.process": (
      self: Processor,
      workerId: WorkerId,
      metadata: WorkerMetadata,
      firstEntryIndex: bigint,
      entries: readonly OplogEntry[],
    ) => Result<void, string>;
  };
  readonly resources: "processor";
}
