/** What the parts of one worker share: acceptance, its run, and what operators do to it. */
import type { ComponentImage } from "../component/component-image.ts";
import type { WorkerState } from "../durability/worker-state.ts";
import type { ClientConnection } from "../host/wasi-http/client-connection.ts";
import type { WorkerId } from "../platform/worker-id.ts";
import { EventStream } from "./events.ts";
import { FileQuestions } from "./file-questions.ts";
import type { InvocationResult } from "./invocation-form.ts";
import { KeptOplog } from "./kept-oplog.ts";
import type { OplogSession } from "./oplog-session.ts";
import type { WorkerServices } from "./services.ts";
import { endOf } from "./state-queries.ts";
import { imageOf, RecordedTypes } from "./version-change.ts";
import { Waiters } from "./waiters.ts";
import type { WorkerError } from "./worker-error.ts";

export class WorkerCore {
  readonly id: WorkerId;
  readonly services: WorkerServices;
  readonly oplog: KeptOplog;
  readonly events = new EventStream();
  readonly waiters = new Waiters<InvocationResult>();
  readonly questions = new FileQuestions();
  #connections: Map<string, ClientConnection> | undefined;
  #image: ComponentImage | undefined;

  constructor(id: WorkerId, session: OplogSession, services: WorkerServices) {
    this.id = id;
    this.services = services;
    this.oplog = new KeptOplog(id, session, services);
  }

  get state(): WorkerState {
    return this.oplog.state;
  }

  /** That of the client whose HTTP request waits or runs under this key. */
  connection(idempotencyKey: string): ClientConnection | undefined {
    return this.#connections?.get(idempotencyKey);
  }

  /** False when there is one already. */
  connect(idempotencyKey: string, connection: ClientConnection): boolean {
    this.#connections ??= new Map();
    if (this.#connections.has(idempotencyKey)) return false;
    this.#connections.set(idempotencyKey, connection);
    return true;
  }

  disconnect(idempotencyKey: string): void {
    this.#connections?.delete(idempotencyKey);
  }

  /**
   * Every invocation gets an instance of its own, and nothing is replayed. Known from its image, which is the same for
   * good: such workers aren't updated.
   */
  get ephemeral(): boolean {
    return this.#image?.componentType === "Ephemeral";
  }

  /** That of the worker's version, at hand once it was asked for. */
  get knownImage(): ComponentImage | undefined {
    return this.#image?.version === this.state.componentVersion ? this.#image : undefined;
  }

  async image(): Promise<ComponentImage> {
    this.#image = await imageOf(this.id, this.state.componentVersion, this.services);
    return this.#image;
  }

  get recordedTypes(): RecordedTypes {
    return new RecordedTypes(this.id, this.state, this.services);
  }

  /** The next instance of an ephemeral worker knows nothing of how the last one ended. */
  end(): WorkerError | undefined {
    return this.ephemeral ? undefined : endOf(this.state);
  }

  throwIfEnded(): void {
    const end = this.end();
    if (end !== undefined) throw end;
  }

  rejectAll(error: Error): void {
    this.waiters.rejectAll(error);
    this.questions.rejectAll(error);
  }
}
