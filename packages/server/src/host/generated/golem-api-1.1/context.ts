/** Made of packages/sdk/wit/golem-api-1.1/context.wit by tools/generate-host-types.ts. */
export type InvocationContext = number;

export type Span = number;

export type Datetime = { readonly seconds: bigint; readonly nanoseconds: number };

export type AttributeValue = { readonly tag: "string"; readonly val: string };

export type Attribute = { readonly key: string; readonly value: AttributeValue };

export type AttributeChain = { readonly key: string; readonly values: readonly AttributeValue[] };

/** golem:api/context@1.1.7 */
export interface GolemApiContext {
  readonly name: "golem:api/context@1.1.7";
  readonly functions: {
    readonly "[method]span.started-at": (self: Span) => Datetime;
    readonly "[method]span.set-attribute": (self: Span, name: string, value: AttributeValue) => void;
    readonly "[method]span.set-attributes": (self: Span, attributes: readonly Attribute[]) => void;
    readonly "[method]span.finish": (self: Span) => void;
    readonly "[method]invocation-context.trace-id": (self: InvocationContext) => string;
    readonly "[method]invocation-context.span-id": (self: InvocationContext) => string;
    readonly "[method]invocation-context.parent": (self: InvocationContext) => InvocationContext | undefined;
    readonly "[method]invocation-context.get-attribute": (
      self: InvocationContext,
      key: string,
      inherited: boolean,
    ) => AttributeValue | undefined;
    readonly "[method]invocation-context.get-attributes": (
      self: InvocationContext,
      inherited: boolean,
    ) => readonly Attribute[];
    readonly "[method]invocation-context.get-attribute-chain": (
      self: InvocationContext,
      key: string,
    ) => readonly AttributeValue[];
    readonly "[method]invocation-context.get-attribute-chains": (self: InvocationContext) => readonly AttributeChain[];
    readonly "[method]invocation-context.trace-context-headers": (
      self: InvocationContext,
    ) => readonly (readonly [string, string])[];
    readonly "start-span": (name: string) => Span;
    readonly "current-context": () => InvocationContext;
    readonly "allow-forwarding-trace-context-headers": (allow: boolean) => boolean;
  };
  readonly resources: "span" | "invocation-context";
}
