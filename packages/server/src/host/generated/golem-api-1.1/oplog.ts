/** Made of packages/sdk/wit/golem-api-1.1/oplog.wit by tools/generate-host-types.ts. */
import type { Result } from "../../results.ts";

export type GetOplog = number;

export type SearchOplog = number;

export type WorkerId = { readonly componentId: { readonly uuid: Uuid }; readonly workerName: string };

export type Datetime = { readonly seconds: bigint; readonly nanoseconds: number };

export type AccountId = { readonly value: string };

export type Uuid = { readonly highBits: bigint; readonly lowBits: bigint };

export type PluginInstallationDescription = {
  readonly installationId: Uuid;
  readonly name: string;
  readonly version: string;
  readonly parameters: readonly (readonly [string, string])[];
};

export type CreateParameters = {
  readonly timestamp: Datetime;
  readonly workerId: WorkerId;
  readonly componentVersion: bigint;
  readonly args: readonly string[];
  readonly env: readonly (readonly [string, string])[];
  readonly accountId: AccountId;
  readonly parent: WorkerId | undefined;
  readonly componentSize: bigint;
  readonly initialTotalLinearMemorySize: bigint;
  readonly initialActivePlugins: readonly PluginInstallationDescription[];
};

export type WitValue = {
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

export type WrappedFunctionType =
  | { readonly tag: "read-local"; readonly val?: undefined }
  | { readonly tag: "write-local"; readonly val?: undefined }
  | { readonly tag: "read-remote"; readonly val?: undefined }
  | { readonly tag: "write-remote"; readonly val?: undefined }
  | { readonly tag: "write-remote-batched"; readonly val: bigint | undefined };

export type ImportedFunctionInvokedParameters = {
  readonly timestamp: Datetime;
  readonly functionName: string;
  readonly request: WitValue;
  readonly response: WitValue;
  readonly wrappedFunctionType: WrappedFunctionType;
};

export type Attribute = { readonly key: string; readonly value: AttributeValue };

export type LocalSpanData = {
  readonly spanId: string;
  readonly start: Datetime;
  readonly parent: string | undefined;
  readonly linkedContext: bigint | undefined;
  readonly attributes: readonly Attribute[];
  readonly inherited: boolean;
};

export type ExternalSpanData = { readonly spanId: string };

export type SpanData =
  | { readonly tag: "local-span"; readonly val: LocalSpanData }
  | { readonly tag: "external-span"; readonly val: ExternalSpanData };

export type ExportedFunctionInvokedParameters = {
  readonly timestamp: Datetime;
  readonly functionName: string;
  readonly request: readonly WitValue[];
  readonly idempotencyKey: string;
  readonly traceId: string;
  readonly traceStates: readonly string[];
  readonly invocationContext: readonly (readonly SpanData[])[];
};

export type ExportedFunctionCompletedParameters = {
  readonly timestamp: Datetime;
  readonly response: WitValue;
  readonly consumedFuel: bigint;
};

export type ErrorParameters = { readonly timestamp: Datetime; readonly error: string };

export type JumpParameters = { readonly timestamp: Datetime; readonly start: bigint; readonly end: bigint };

export type RetryPolicy = {
  readonly maxAttempts: number;
  readonly minDelay: bigint;
  readonly maxDelay: bigint;
  readonly multiplier: number;
  readonly maxJitterFactor: number | undefined;
};

export type ChangeRetryPolicyParameters = { readonly timestamp: Datetime; readonly retryPolicy: RetryPolicy };

export type EndAtomicRegionParameters = { readonly timestamp: Datetime; readonly beginIndex: bigint };

export type EndRemoteWriteParameters = EndAtomicRegionParameters;

export type ExportedFunctionInvocationParameters = {
  readonly idempotencyKey: string;
  readonly functionName: string;
  readonly input: readonly WitValue[] | undefined;
};

export type WorkerInvocation =
  | { readonly tag: "exported-function"; readonly val: ExportedFunctionInvocationParameters }
  | { readonly tag: "manual-update"; readonly val: bigint };

export type PendingWorkerInvocationParameters = { readonly timestamp: Datetime; readonly invocation: WorkerInvocation };

export type UpdateDescription =
  | { readonly tag: "auto-update"; readonly val?: undefined }
  | { readonly tag: "snapshot-based"; readonly val: Uint8Array };

export type PendingUpdateParameters = {
  readonly timestamp: Datetime;
  readonly targetVersion: bigint;
  readonly updateDescription: UpdateDescription;
};

export type SuccessfulUpdateParameters = {
  readonly timestamp: Datetime;
  readonly targetVersion: bigint;
  readonly newComponentSize: bigint;
  readonly newActivePlugins: readonly PluginInstallationDescription[];
};

export type FailedUpdateParameters = {
  readonly timestamp: Datetime;
  readonly targetVersion: bigint;
  readonly details: string | undefined;
};

export type GrowMemoryParameters = { readonly timestamp: Datetime; readonly delta: bigint };

export type CreateResourceParameters = { readonly timestamp: Datetime; readonly resourceId: bigint };

export type DropResourceParameters = CreateResourceParameters;

export type DescribeResourceParameters = {
  readonly timestamp: Datetime;
  readonly resourceId: bigint;
  readonly resourceName: string;
  readonly resourceParams: readonly WitValue[];
};

export type LogLevel = "stdout" | "stderr" | "trace" | "debug" | "info" | "warn" | "error" | "critical";

export type LogParameters = {
  readonly timestamp: Datetime;
  readonly level: LogLevel;
  readonly context: string;
  readonly message: string;
};

export type ActivatePluginParameters = { readonly timestamp: Datetime; readonly plugin: PluginInstallationDescription };

export type DeactivatePluginParameters = ActivatePluginParameters;

export type RevertParameters = JumpParameters;

export type CancelInvocationParameters = { readonly timestamp: Datetime; readonly idempotencyKey: string };

export type StartSpanParameters = {
  readonly timestamp: Datetime;
  readonly spanId: string;
  readonly parent: string | undefined;
  readonly linkedContext: string | undefined;
  readonly attributes: readonly Attribute[];
};

export type FinishSpanParameters = { readonly timestamp: Datetime; readonly spanId: string };

export type AttributeValue = { readonly tag: "string"; readonly val: string };

export type SetSpanAttributeParameters = {
  readonly timestamp: Datetime;
  readonly spanId: string;
  readonly key: string;
  readonly value: AttributeValue;
};

export type PersistenceLevel =
  | { readonly tag: "persist-nothing"; readonly val?: undefined }
  | { readonly tag: "persist-remote-side-effects"; readonly val?: undefined }
  | { readonly tag: "smart"; readonly val?: undefined };

export type ChangePersistenceLevelParameters = {
  readonly timestamp: Datetime;
  readonly persistenceLevel: PersistenceLevel;
};

export type OplogEntry =
  | { readonly tag: "create"; readonly val: CreateParameters }
  | { readonly tag: "imported-function-invoked"; readonly val: ImportedFunctionInvokedParameters }
  | { readonly tag: "exported-function-invoked"; readonly val: ExportedFunctionInvokedParameters }
  | { readonly tag: "exported-function-completed"; readonly val: ExportedFunctionCompletedParameters }
  | { readonly tag: "suspend"; readonly val: Datetime }
  | { readonly tag: "error"; readonly val: ErrorParameters }
  | { readonly tag: "no-op"; readonly val: Datetime }
  | { readonly tag: "jump"; readonly val: JumpParameters }
  | { readonly tag: "interrupted"; readonly val: Datetime }
  | { readonly tag: "exited"; readonly val: Datetime }
  | { readonly tag: "change-retry-policy"; readonly val: ChangeRetryPolicyParameters }
  | { readonly tag: "begin-atomic-region"; readonly val: Datetime }
  | { readonly tag: "end-atomic-region"; readonly val: EndAtomicRegionParameters }
  | { readonly tag: "begin-remote-write"; readonly val: Datetime }
  | { readonly tag: "end-remote-write"; readonly val: EndAtomicRegionParameters }
  | { readonly tag: "pending-worker-invocation"; readonly val: PendingWorkerInvocationParameters }
  | { readonly tag: "pending-update"; readonly val: PendingUpdateParameters }
  | { readonly tag: "successful-update"; readonly val: SuccessfulUpdateParameters }
  | { readonly tag: "failed-update"; readonly val: FailedUpdateParameters }
  | { readonly tag: "grow-memory"; readonly val: GrowMemoryParameters }
  | { readonly tag: "create-resource"; readonly val: CreateResourceParameters }
  | { readonly tag: "drop-resource"; readonly val: CreateResourceParameters }
  | { readonly tag: "describe-resource"; readonly val: DescribeResourceParameters }
  | { readonly tag: "log"; readonly val: LogParameters }
  | { readonly tag: "restart"; readonly val: Datetime }
  | { readonly tag: "activate-plugin"; readonly val: ActivatePluginParameters }
  | { readonly tag: "deactivate-plugin"; readonly val: ActivatePluginParameters }
  | { readonly tag: "revert"; readonly val: JumpParameters }
  | { readonly tag: "cancel-invocation"; readonly val: CancelInvocationParameters }
  | { readonly tag: "start-span"; readonly val: StartSpanParameters }
  | { readonly tag: "finish-span"; readonly val: FinishSpanParameters }
  | { readonly tag: "set-span-attribute"; readonly val: SetSpanAttributeParameters }
  | { readonly tag: "change-persistence-level"; readonly val: ChangePersistenceLevelParameters };

/** golem:api/oplog@1.1.7 */
export interface GolemApiOplog {
  readonly name: "golem:api/oplog@1.1.7";
  readonly functions: {
    readonly "[constructor]get-oplog": (workerId: WorkerId, start: bigint) => GetOplog;
    readonly "[method]get-oplog.get-next": (self: GetOplog) => readonly OplogEntry[] | undefined;
    readonly "[constructor]search-oplog": (workerId: WorkerId, text: string) => SearchOplog;
    readonly "[method]search-oplog.get-next": (
      self: SearchOplog,
    ) => readonly (readonly [bigint, OplogEntry])[] | undefined;
  };
  readonly resources: "get-oplog" | "search-oplog";
}
