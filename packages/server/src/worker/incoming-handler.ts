/** The virtual exported functions of components that answer HTTP requests (spec/host-interfaces.md §18.6). */
import type { Instance, Value } from "@emet/component";
import type { FunctionName } from "@emet/contract";
import type { ComponentImage, ExportedFunctionInfo } from "../component/component-image.ts";
import { HostTrap } from "../durability/errors.ts";
import type { HostContext } from "../host/interface.ts";
import {
  guestHandlerInterface,
  handlerFunctions,
  handlerRequest,
  handlerResponse,
  incomingHandlerInterface,
} from "../host/wasi-http/incoming-handler.ts";
import type { HandlerRequest } from "../host/wasi-http/incoming-handler.ts";
import { incomingInvocation } from "../host/wasi-http/incoming-invocation.ts";

const names: readonly string[] = Object.values(handlerFunctions);

function guestHandler(image: ComponentImage): ExportedFunctionInfo | undefined {
  return image.functions.find(
    (item) => item.interface?.startsWith(`${guestHandlerInterface}@0.2.`) === true && item.name === "handle",
  );
}

/** The virtual function of this name, if the component has it. */
export function incomingHandler(image: ComponentImage, name: FunctionName): ExportedFunctionInfo | undefined {
  const reference = name.function;
  if (name.interface !== incomingHandlerInterface || reference.kind !== "function") return undefined;
  if (!names.includes(reference.name) || guestHandler(image) === undefined) return undefined;
  return {
    interface: incomingHandlerInterface,
    name: reference.name,
    type: { parameters: [{ name: "request", type: handlerRequest.type }], result: handlerResponse.type },
  };
}

export function isIncomingHandler(info: ExportedFunctionInfo): boolean {
  return info.interface === incomingHandlerInterface;
}

/** Has the guest answer a request; returns the response. */
export async function callIncomingHandler(
  guest: { readonly image: ComponentImage; readonly instance: Instance; readonly context: HostContext },
  info: ExportedFunctionInfo,
  request: Value,
): Promise<Value> {
  const { image, instance, context } = guest;
  const handler = guestHandler(image);
  const exported = handler === undefined ? undefined : instance.function(handler.interface, handler.name);
  if (exported === undefined) throw new HostTrap("the component does not export an incoming handler");
  const invocation = incomingInvocation(context, request as HandlerRequest, info.name === handlerFunctions.streamed);
  await exported.call(invocation.parameters);
  return await invocation.finish();
}
