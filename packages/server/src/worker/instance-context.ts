/** The host context of one instance. What most guests don't use is made when it is asked for. */
import type { DurableExecution } from "../durability/durable-execution.ts";
import type { HostContext, LogLevel, WorkerFacts } from "../host/interface.ts";
import type { Trace } from "../host/golem-api/trace.ts";
import { ResourceTable } from "../host/resource-table.ts";
import type { FileSystem } from "../host/wasi-filesystem/file-system.ts";
import { WorkerSockets } from "../host/wasi-sockets/worker-sockets.ts";
import type { Effects } from "./effects.ts";
import { workerEffects } from "./effects.ts";
import { watchesBuckets } from "./handle-watch.ts";
import type { InstanceEnd } from "./instance-end.ts";
import type { LoadOptions } from "./load-instance.ts";
import { remoteCalls } from "./remote-calls.ts";
import { completePromise } from "./suspension.ts";
import { initialFileSystem } from "./worker-files.ts";
import { workersAccess } from "./workers-access.ts";

export interface ContextParts {
  readonly options: LoadOptions;
  readonly durable: DurableExecution;
  readonly trace: Trace;
  readonly end: InstanceEnd;
  readonly facts: () => WorkerFacts;
}

export class InstanceContext implements HostContext {
  readonly durable: DurableExecution;
  readonly trace: Trace;
  readonly resources = new ResourceTable();
  readonly facts: () => WorkerFacts;
  readonly #options: LoadOptions;
  readonly #end: InstanceEnd;
  #effects: Effects | undefined;
  #files: FileSystem | undefined;
  #rpc: HostContext["rpc"] | undefined;
  #sockets: WorkerSockets | undefined;

  constructor({ options, durable, trace, end, facts }: ContextParts) {
    this.durable = durable;
    this.trace = trace;
    this.facts = facts;
    this.#options = options.carriedFiles === undefined ? options : { ...options, carriedFiles: undefined };
    this.#end = end;
    const { image, services, carriedFiles } = options;
    // What goes wrong with files that must be there keeps the instance from being loaded.
    if (image.files.length > 0 || carriedFiles !== undefined) {
      this.#files = initialFileSystem(image, services, carriedFiles);
    }
  }

  get clock(): HostContext["clock"] {
    return this.#options.services.clock;
  }

  get entropy(): HostContext["entropy"] {
    return this.#options.services.entropy;
  }

  get http(): HostContext["http"] {
    return this.#options.services.http;
  }

  get databases(): HostContext["databases"] {
    return this.#options.services.databases;
  }

  get sleep(): HostContext["sleep"] {
    return this.#options.services.sleep;
  }

  get connection(): HostContext["connection"] {
    return this.#options.connection;
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  get sockets(): WorkerSockets {
    return (this.#sockets ??= new WorkerSockets(this.#options.services.network));
  }

  get keyValues(): HostContext["keyValues"] {
    return this.#stores.keyValues;
  }

  get objects(): HostContext["objects"] {
    return this.#stores.objects;
  }

  get rpc(): HostContext["rpc"] {
    const { services, session } = this.#options;
    return (this.#rpc ??= remoteCalls(services, () => session.state));
  }

  get workers(): HostContext["workers"] {
    return workersAccess(this.#options.services);
  }

  get files(): FileSystem {
    const { image, services } = this.#options;
    return (this.#files ??= initialFileSystem(image, services));
  }

  get usedFiles(): FileSystem | undefined {
    return this.#files;
  }

  get promises(): HostContext["promises"] {
    const { services } = this.#options;
    const { create, get, delete: remove } = services.promises;
    return { create, get, delete: remove, complete: (id, data) => completePromise(id, data, services) };
  }

  /** An ephemeral worker has no history that it could come back from. */
  get suspendAfterMs(): number {
    const { image, services } = this.#options;
    return image.componentType === "Ephemeral" ? Number.MAX_SAFE_INTEGER : services.limits.suspendAfterMs;
  }

  output(level: LogLevel, context: string, message: string, bytes: Uint8Array): void {
    this.#options.output.write(this.durable, { level, context, message, bytes });
  }

  /** An ephemeral worker must not leave while it waits either. */
  whileWaiting(leave: () => void): () => void {
    const { image, waits } = this.#options;
    return image.componentType === "Ephemeral" ? () => undefined : waits(leave);
  }

  get #stores(): Effects {
    const { image, session, services } = this.#options;
    return (this.#effects ??= workerEffects(session.state.workerId, this.durable, services, watchesBuckets(image)));
  }
}
