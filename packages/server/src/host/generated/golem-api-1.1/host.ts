/** Made of packages/sdk/wit/golem-api-1.1/host.wit by tools/generate-host-types.ts. */
export type GetWorkers = number;

export type ComponentId = { readonly uuid: Uuid };

export type StringFilterComparator = "equal" | "not-equal" | "like" | "not-like";

export type WorkerNameFilter = { readonly comparator: StringFilterComparator; readonly value: string };

export type FilterComparator = "equal" | "not-equal" | "greater-equal" | "greater" | "less-equal" | "less";

export type WorkerStatus = "running" | "idle" | "suspended" | "interrupted" | "retrying" | "failed" | "exited";

export type WorkerStatusFilter = { readonly comparator: FilterComparator; readonly value: WorkerStatus };

export type WorkerVersionFilter = { readonly comparator: FilterComparator; readonly value: bigint };

export type WorkerCreatedAtFilter = WorkerVersionFilter;

export type WorkerEnvFilter = {
  readonly name: string;
  readonly comparator: StringFilterComparator;
  readonly value: string;
};

export type WorkerPropertyFilter =
  | { readonly tag: "name"; readonly val: WorkerNameFilter }
  | { readonly tag: "status"; readonly val: WorkerStatusFilter }
  | { readonly tag: "version"; readonly val: WorkerVersionFilter }
  | { readonly tag: "created-at"; readonly val: WorkerVersionFilter }
  | { readonly tag: "env"; readonly val: WorkerEnvFilter };

export type WorkerAllFilter = { readonly filters: readonly WorkerPropertyFilter[] };

export type WorkerAnyFilter = { readonly filters: readonly WorkerAllFilter[] };

export type WorkerId = { readonly componentId: ComponentId; readonly workerName: string };

export type WorkerMetadata = {
  readonly workerId: WorkerId;
  readonly args: readonly string[];
  readonly env: readonly (readonly [string, string])[];
  readonly status: WorkerStatus;
  readonly componentVersion: bigint;
  readonly retryCount: bigint;
};

export type PromiseId = { readonly workerId: WorkerId; readonly oplogIdx: bigint };

export type RetryPolicy = {
  readonly maxAttempts: number;
  readonly minDelay: bigint;
  readonly maxDelay: bigint;
  readonly multiplier: number;
  readonly maxJitterFactor: number | undefined;
};

export type PersistenceLevel =
  | { readonly tag: "persist-nothing"; readonly val?: undefined }
  | { readonly tag: "persist-remote-side-effects"; readonly val?: undefined }
  | { readonly tag: "smart"; readonly val?: undefined };

export type Uuid = { readonly highBits: bigint; readonly lowBits: bigint };

export type UpdateMode = "automatic" | "snapshot-based";

export type RevertWorkerTarget =
  | { readonly tag: "revert-to-oplog-index"; readonly val: bigint }
  | { readonly tag: "revert-last-invocations"; readonly val: bigint };

export type Uri = { readonly value: string };

export type ForkResult = "original" | "forked";

export type AccountId = Uri;

/** golem:api/host@1.1.7 */
export interface GolemApiHost {
  readonly name: "golem:api/host@1.1.7";
  readonly functions: {
    readonly "[constructor]get-workers": (
      componentId: ComponentId,
      filter: WorkerAnyFilter | undefined,
      precise: boolean,
    ) => GetWorkers;
    readonly "[method]get-workers.get-next": (self: GetWorkers) => readonly WorkerMetadata[] | undefined;
    readonly "create-promise": () => PromiseId;
    readonly "await-promise": (promiseId: PromiseId) => Uint8Array;
    readonly "poll-promise": (promiseId: PromiseId) => Uint8Array | undefined;
    readonly "complete-promise": (promiseId: PromiseId, data: Uint8Array) => boolean;
    readonly "delete-promise": (promiseId: PromiseId) => void;
    readonly "get-oplog-index": () => bigint;
    readonly "set-oplog-index": (oplogIdx: bigint) => void;
    readonly "oplog-commit": (replicas: number) => void;
    readonly "mark-begin-operation": () => bigint;
    readonly "mark-end-operation": (begin: bigint) => void;
    readonly "get-retry-policy": () => RetryPolicy;
    readonly "set-retry-policy": (newRetryPolicy: RetryPolicy) => void;
    readonly "get-oplog-persistence-level": () => PersistenceLevel;
    readonly "set-oplog-persistence-level": (newPersistenceLevel: PersistenceLevel) => void;
    readonly "get-idempotence-mode": () => boolean;
    readonly "set-idempotence-mode": (idempotent: boolean) => void;
    readonly "generate-idempotency-key": () => Uuid;
    readonly "update-worker": (workerId: WorkerId, targetVersion: bigint, mode: UpdateMode) => void;
    readonly "get-self-metadata": () => WorkerMetadata;
    readonly "get-worker-metadata": (workerId: WorkerId) => WorkerMetadata | undefined;
    readonly "fork-worker": (sourceWorkerId: WorkerId, targetWorkerId: WorkerId, oplogIdxCutOff: bigint) => void;
    readonly "revert-worker": (workerId: WorkerId, revertTarget: RevertWorkerTarget) => void;
    readonly "resolve-component-id": (componentReference: string) => ComponentId | undefined;
    readonly "resolve-worker-id": (componentReference: string, workerName: string) => WorkerId | undefined;
    readonly "resolve-worker-id-strict": (componentReference: string, workerName: string) => WorkerId | undefined;
    readonly "worker-uri": (workerId: WorkerId) => Uri;
    readonly fork: (newName: string) => ForkResult;
  };
  readonly resources: "get-workers";
}
