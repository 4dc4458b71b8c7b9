/**
 * The spans of a worker (spec/host-interfaces.md §10): every invocation has one, below the one that its caller has told
 * of; guests start further ones. They are in the oplog, so that a replay has the same ones, and are exported once.
 */
import { createHash } from "node:crypto";
import type { DurableExecution } from "../../durability/durable-execution.ts";
import type { ObserveCall } from "../../durability/observed-calls.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Entropy } from "../../platform/entropy.ts";
import type { TraceParent } from "../../durability/oplog/entry-types.ts";
import { HostTrap } from "../../durability/errors.ts";
import type { Restorer, Saver } from "../saved-resources.ts";

/** Spans that are open at the same time, and attributes of one. */
const openMax = 10_000;
const attributesMax = 1000;

export interface FinishedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | undefined;
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: ReadonlyMap<string, string>;
  /** Undefined: what happens within a worker. */
  readonly kind?: "server" | "client" | undefined;
}

export class SpanState {
  readonly spanId: string;
  readonly startMs: number;
  readonly name: string;
  /** Undefined at the top of what this worker knows of: the span of whoever made the call has an id and nothing else. */
  readonly parent: SpanState | undefined;
  readonly attributes: Map<string, string>;
  /** How many are above it. */
  readonly depth: number;
  finished = false;

  constructor(given: {
    readonly spanId: string;
    readonly startMs: number;
    readonly name: string;
    readonly parent: SpanState | undefined;
    readonly attributes: readonly (readonly [string, string])[];
  }) {
    this.spanId = given.spanId;
    this.startMs = given.startMs;
    this.name = given.name;
    this.parent = given.parent;
    this.attributes = new Map(given.attributes);
    this.depth = given.parent === undefined ? 0 : given.parent.depth + 1;
  }

  /** It, or the next one outwards that isn't finished. */
  get open(): SpanState | undefined {
    for (const span of this.lineage()) if (!span.finished) return span;
    return undefined;
  }

  /** From this one to the outermost. */
  *lineage(): Generator<SpanState> {
    yield this;
    for (let span = this.parent; span !== undefined; span = span.parent) yield span;
  }
}

/** A span that a guest holds, with those above it. */
export interface SavedSpan {
  readonly spanId: string;
  readonly startMs: number;
  readonly name: string;
  readonly parent: SavedSpan | undefined;
  readonly attributes: readonly (readonly [string, string])[];
  readonly finished: boolean;
}

export function saveSpan(span: SpanState, saver: Saver): SavedSpan {
  return saver.shared(span, ({ spanId, startMs, name, parent, attributes, finished }): SavedSpan => ({
    spanId,
    startMs,
    name,
    parent: parent === undefined ? undefined : saveSpan(parent, saver),
    attributes: [...attributes],
    finished,
  }));
}

export function restoreSpan(saved: SavedSpan, restorer: Restorer): SpanState {
  return restorer.shared(saved, ({ parent, finished, ...given }) => {
    const span = new SpanState({ ...given, parent: parent === undefined ? undefined : restoreSpan(parent, restorer) });
    span.finished = finished;
    return span;
  });
}

export interface TraceOptions {
  readonly durable: DurableExecution;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** Takes spans that ended live; undefined where nobody wants them. */
  readonly exportSpan: ((span: FinishedSpan) => void) | undefined;
}

export interface TracedInvocation {
  readonly functionName: string;
  readonly idempotencyKey: string;
  readonly workerName: string;
  readonly trace: TraceParent | undefined;
}

function hex(text: string, digits: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, digits);
}

export class Trace {
  readonly #options: TraceOptions;
  /** Its spans are made when somebody asks for them, as most invocations are never asked. */
  #invocation: (TracedInvocation & { readonly startMs: number }) | undefined;
  #root: SpanState | undefined;
  #current: SpanState | undefined;
  #open: Set<SpanState> | undefined;
  /** Whether outgoing requests carry the trace's headers. */
  forwardsHeaders = true;

  constructor(options: TraceOptions) {
    this.#options = options;
  }

  /** An invocation begins, live or replayed. */
  begin(invocation: TracedInvocation): void {
    this.#invocation = { ...invocation, startMs: this.#options.clock.now() };
    this.#root = undefined;
    this.#current = undefined;
  }

  /** The invocation has returned: its span ends, and with it those that the guest left open. */
  end(): void {
    for (const span of this.#open ?? []) this.#export(span);
    if (this.#options.exportSpan !== undefined && this.#invocation !== undefined) this.#export(this.#rootSpan);
    this.#invocation = undefined;
    this.#open = undefined;
  }

  /** It follows from the key where the caller gave none. */
  get traceId(): string {
    const { trace, idempotencyKey } = this.#running;
    return trace?.traceId ?? hex(`trace ${idempotencyKey}`, 32);
  }

  get current(): SpanState {
    this.#current ??= this.#rootSpan;
    return this.#current;
  }

  get #running(): TracedInvocation & { readonly startMs: number } {
    if (this.#invocation === undefined) throw new HostTrap("there is no invocation whose context could be asked for");
    return this.#invocation;
  }

  get #rootSpan(): SpanState {
    this.#root ??= rootSpan(this.#running);
    return this.#root;
  }

  /** What a call made now is to know of. */
  parentForCalls(): TraceParent | undefined {
    if (this.#invocation === undefined) return undefined;
    return { traceId: this.traceId, parentId: this.current.spanId, states: this.#invocation.trace?.states ?? [] };
  }

  /** `traceparent`, and `tracestate` if there are any states. */
  headers(span: SpanState): readonly (readonly [string, string])[] {
    const traceparent = ["traceparent", `00-${this.traceId}-${span.spanId}-00`] as const;
    const states = this.#running.trace?.states ?? [];
    return states.length === 0 ? [traceparent] : [traceparent, ["tracestate", states.join(",")]];
  }

  /** The headers of an outgoing request; none when that was switched off, or between invocations. */
  forwardedHeaders(): readonly (readonly [string, string])[] {
    return this.forwardsHeaders && this.#invocation !== undefined ? this.headers(this.current) : [];
  }

  /** Shows the host's own calls of others as spans of the trace; undefined where nobody wants them. */
  get observeCall(): ObserveCall | undefined {
    const { exportSpan, clock, entropy } = this.#options;
    if (exportSpan === undefined) return undefined;
    return (name) => {
      if (this.#invocation === undefined) return () => undefined;
      const { traceId, current } = this;
      const startMs = clock.now();
      const end = (): void => {
        const span = { traceId, spanId: randomId(entropy), parentId: current.spanId, name, startMs };
        exportSpan({ ...span, endMs: clock.now(), attributes: new Map(), kind: "client" });
      };
      return end;
    };
  }

  startSpan(name: string): SpanState {
    if ((this.#open?.size ?? 0) >= openMax) throw new HostTrap(`there are ${openMax} open spans already`);
    const { durable, clock, entropy } = this.#options;
    const parent = this.current;
    // Finished ones stay as long as others stand on them.
    if (parent.depth >= openMax) throw new HostTrap(`spans are nested ${openMax} deep already`);
    const recorded = durable.takeReplayed("start-span");
    const fields = recorded ?? {
      spanId: randomId(entropy),
      parentId: parent.spanId,
      startMs: Math.floor(clock.now()),
      attributes: [["name", name]] as const,
    };
    if (recorded === undefined) durable.mark("start-span", fields);
    const { spanId, startMs, attributes } = fields;
    const span = new SpanState({ spanId, startMs, name, parent, attributes });
    (this.#open ??= new Set()).add(span);
    this.#current = span;
    return span;
  }

  setAttribute(span: SpanState, key: string, value: string): void {
    if (span.attributes.size >= attributesMax && !span.attributes.has(key)) {
      throw new HostTrap(`a span has ${attributesMax} attributes already`);
    }
    this.#options.durable.mark("set-span-attribute", { spanId: span.spanId, key, value });
    span.attributes.set(key, value);
  }

  /** Again it does nothing. */
  finish(span: SpanState): void {
    if (span.finished) return;
    span.finished = true;
    // One that its invocation has ended already leaves no entry: dropping it is no act of the history.
    if (this.#open?.delete(span) !== true) return;
    this.#options.durable.mark("finish-span", { spanId: span.spanId });
    if (this.#current === span) this.#current = span.open;
    this.#export(span);
  }

  #export(span: SpanState): void {
    const { durable, clock, exportSpan } = this.#options;
    if (!durable.live || exportSpan === undefined) return;
    exportSpan({
      traceId: this.traceId,
      spanId: span.spanId,
      parentId: span.parent?.spanId,
      name: span.name,
      startMs: span.startMs,
      endMs: clock.now(),
      attributes: span.attributes,
    });
  }
}

function rootSpan(invocation: TracedInvocation & { readonly startMs: number }): SpanState {
  const { functionName, idempotencyKey, workerName, trace, startMs } = invocation;
  const parent =
    trace === undefined
      ? undefined
      : new SpanState({ spanId: trace.parentId, startMs, name: "", parent: undefined, attributes: [] });
  return new SpanState({
    spanId: hex(`span ${workerName} ${idempotencyKey}`, 16),
    startMs,
    name: "invoke-exported-function",
    parent,
    attributes: [
      ["idempotency_key", idempotencyKey],
      ["function_name", functionName],
      ["worker_id", workerName],
    ],
  });
}

function randomId(entropy: Entropy): string {
  const bytes = new Uint8Array(8);
  entropy.fill(bytes);
  return Buffer.from(bytes).toString("hex");
}
