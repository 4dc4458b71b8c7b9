/**
 * A remote write that takes several calls: an HTTP exchange, a transaction (spec/host-interfaces.md §4.4). It stands
 * between a begin and an end marker. One found without its end is not discarded at once, as other writes may have come
 * to their end beside it: its records are replayed, and only who needs more of it, live, repeats it.
 */
import type { DurableFunction } from "./durable-function.ts";
import { HostTrap } from "./errors.ts";

/** What a batch needs of the execution that it belongs to. */
export interface BatchExecution {
  readonly callInBatch: <Request, Response>(
    begin: number,
    declaration: DurableFunction<Request, Response>,
    request: Request,
    perform: () => Response | Promise<Response>,
  ) => Response | Promise<Response>;
  readonly endBatch: (batch: RemoteBatch) => void;
  readonly repeatFrom: (begin: number) => Promise<never>;
}

export interface BatchFacts {
  /** Index of its begin marker; 0 when nothing is recorded. */
  readonly begin: number;
  /** It was begun before the worker was loaded, and did not come to its end: what it had under way is gone. */
  readonly interrupted: boolean;
  /** Whether it may be performed again. */
  readonly repeatable: boolean;
}

export class RemoteBatch {
  readonly begin: number;
  readonly interrupted: boolean;
  readonly #repeatable: boolean;
  readonly #execution: BatchExecution;
  #ended = false;

  constructor(execution: BatchExecution, facts: BatchFacts) {
    this.#execution = execution;
    this.begin = facts.begin;
    this.interrupted = facts.interrupted;
    this.#repeatable = facts.repeatable;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** A call that belongs to the batch; live, its record is durable when the result is given. */
  call<Request, Response>(
    declaration: DurableFunction<Request, Response>,
    request: Request,
    perform: () => Response | Promise<Response>,
  ): Response | Promise<Response> {
    return this.#execution.callInBatch(this.begin, declaration, request, perform);
  }

  /** Nothing is left to do: it is never repeated. May be called again. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#execution.endBatch(this);
  }

  /** To be called before something is sent a second time. Throws `HostTrap` when that isn't allowed. */
  assertRepeatable(): void {
    if (!this.#repeatable) throw incompleteWrite();
  }

  /** Voids everything since its begin and restarts the worker there. Throws `HostTrap` when that isn't allowed. */
  async repeat(): Promise<never> {
    this.assertRepeatable();
    return await this.#execution.repeatFrom(this.begin);
  }
}

export function incompleteWrite(): HostTrap {
  return new HostTrap("Non-idempotent remote write operation was not completed, cannot retry");
}
