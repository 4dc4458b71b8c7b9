/** golem:api/context (spec/host-interfaces.md §10). */
import type { Attribute, AttributeValue, GolemApiContext } from "../generated/golem-api-1.1/context.ts";
import type { FunctionsOf, HostContext, HostInterface } from "../interface.ts";
import { resource, sync } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import type { SavedObject, Saver } from "../saved-resources.ts";
import { savedKind } from "../saved-resources.ts";
import { datetime } from "./oplog-entry.ts";
import type { SavedSpan, SpanState, Trace } from "./trace.ts";
import { restoreSpan, saveSpan } from "./trace.ts";

const savedSpan = savedKind<SavedSpan>("span", (span, restorer) => new Span(restoreSpan(span, restorer)));
const savedContext = savedKind(
  "invocation-context",
  ({ span, traceId }: { readonly span: SavedSpan; readonly traceId: string }, restorer) =>
    new InvocationContext(restoreSpan(span, restorer), traceId),
);

class Span extends HostObject {
  readonly state: SpanState;

  constructor(state: SpanState) {
    super();
    this.state = state;
  }

  override save(saver: Saver): SavedObject {
    return savedSpan(saveSpan(this.state, saver));
  }
}

/** A view of the spans from one of them outwards. */
class InvocationContext extends HostObject {
  readonly state: SpanState;
  readonly traceId: string;

  constructor(state: SpanState, traceId: string) {
    super();
    this.state = state;
    this.traceId = traceId;
  }

  override save(saver: Saver): SavedObject {
    return savedContext({ span: saveSpan(this.state, saver), traceId: this.traceId });
  }
}

const toWit = (val: string): AttributeValue => ({ tag: "string", val });

/** The values of each attribute, from the innermost span to the outermost. */
function chains(state: SpanState): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>();
  for (const span of state.lineage()) {
    for (const [key, value] of span.attributes) {
      const known = values.get(key);
      if (known === undefined) values.set(key, [value]);
      else known.push(value);
    }
  }
  return values;
}

function attributesOf(state: SpanState, inherited: boolean): readonly Attribute[] {
  if (!inherited) return [...state.attributes].map(([key, value]) => ({ key, value: toWit(value) }));
  return [...chains(state)].map(([key, [value = ""]]) => ({ key, value: toWit(value) }));
}

type Functions = keyof GolemApiContext["functions"];

function spanFunctions(
  { resources }: HostContext,
  trace: Trace,
): FunctionsOf<GolemApiContext, Extract<Functions, `[method]span.${string}`> | "start-span"> {
  const state = (self: number): SpanState => resources.get(self, Span).state;
  return {
    "start-span": sync((name: string) => resources.add(new Span(trace.startSpan(name)))),
    "[method]span.started-at": sync((self: number) => datetime(state(self).startMs)),
    "[method]span.set-attribute": sync((self: number, name: string, value: AttributeValue) =>
      trace.setAttribute(state(self), name, value.val),
    ),
    "[method]span.set-attributes": sync((self: number, attributes: readonly Attribute[]) => {
      for (const { key, value } of attributes) trace.setAttribute(state(self), key, value.val);
    }),
    "[method]span.finish": sync((self: number) => trace.finish(state(self))),
  };
}

function contextFunctions(
  { resources }: HostContext,
  trace: Trace,
): FunctionsOf<
  GolemApiContext,
  | Extract<Functions, `[method]invocation-context.${string}`>
  | "current-context"
  | "allow-forwarding-trace-context-headers"
> {
  const view = (self: number): InvocationContext => resources.get(self, InvocationContext);
  return {
    "current-context": sync(() => resources.add(new InvocationContext(trace.current, trace.traceId))),
    "allow-forwarding-trace-context-headers": sync((allow: boolean) => {
      const before = trace.forwardsHeaders;
      trace.forwardsHeaders = allow;
      return before;
    }),
    "[method]invocation-context.trace-id": sync((self: number) => view(self).traceId),
    "[method]invocation-context.span-id": sync((self: number) => view(self).state.spanId),
    "[method]invocation-context.parent": sync((self: number) => {
      const { state, traceId } = view(self);
      return state.parent === undefined ? undefined : resources.add(new InvocationContext(state.parent, traceId));
    }),
    "[method]invocation-context.get-attribute": sync((self: number, key: string, inherited: boolean) => {
      const { state } = view(self);
      const value = inherited ? chains(state).get(key)?.[0] : state.attributes.get(key);
      return value === undefined ? undefined : toWit(value);
    }),
    "[method]invocation-context.get-attributes": sync((self: number, inherited: boolean) =>
      attributesOf(view(self).state, inherited),
    ),
    "[method]invocation-context.get-attribute-chain": sync((self: number, key: string) =>
      (chains(view(self).state).get(key) ?? []).map((value) => toWit(value)),
    ),
    "[method]invocation-context.get-attribute-chains": sync((self: number) =>
      [...chains(view(self).state)].map(([key, values]) => ({ key, values: values.map((value) => toWit(value)) })),
    ),
    "[method]invocation-context.trace-context-headers": sync((self: number) => trace.headers(view(self).state)),
  };
}

export const invocationContext: HostInterface<GolemApiContext> = {
  name: "golem:api/context@1.1.7",
  durable: {
    "start-span": "start-span",
    "[method]span.set-attribute": "set-span-attribute",
    "[method]span.set-attributes": "set-span-attribute",
    "[method]span.finish": "finish-span",
  },
  bind: (context) => {
    const { resources, trace } = context;
    return {
      functions: { ...spanFunctions(context, trace), ...contextFunctions(context, trace) },
      resources: {
        span: resource((representation) => {
          const { state } = resources.get(representation, Span);
          resources.remove(representation);
          trace.finish(state);
        }),
        "invocation-context": resource((representation) => resources.remove(representation)),
      },
    };
  },
};
