/** wasi:http's `incoming-request`. */
import type { WasiHttpTypes } from "../generated/wasi-http/types.ts";
import type { HostContext, ResourceFunctions } from "../interface.ts";
import { sync } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import { err, ok } from "../results.ts";
import type { Result } from "../results.ts";
import { Fields } from "./fields.ts";
import { IncomingBody } from "./incoming-body.ts";
import type { BodySource } from "./incoming-body.ts";
import { guestMethod, guestScheme } from "./incoming-handler.ts";
import type { HandlerRequest } from "./incoming-handler.ts";

export class IncomingRequest extends HostObject {
  readonly request: HandlerRequest;
  readonly #body: BodySource;
  #consumed = false;

  constructor(request: HandlerRequest, body: BodySource) {
    super();
    this.request = request;
    this.#body = body;
  }

  consume(): IncomingBody | undefined {
    if (this.#consumed) return undefined;
    this.#consumed = true;
    return IncomingBody.of(this.#body, false);
  }
}

export function incomingRequestFunctions({
  resources,
}: HostContext): ResourceFunctions<WasiHttpTypes, "incoming-request"> {
  const get = (self: number): IncomingRequest => resources.get(self, IncomingRequest);
  return {
    "[method]incoming-request.method": sync((self: number) => guestMethod(get(self).request.method)),
    "[method]incoming-request.path-with-query": sync((self: number) => get(self).request.pathAndQuery),
    "[method]incoming-request.scheme": sync((self: number) => guestScheme(get(self).request.scheme)),
    "[method]incoming-request.authority": sync((self: number) => get(self).request.authority),
    "[method]incoming-request.headers": sync((self: number) =>
      resources.add(new Fields(get(self).request.headers, false)),
    ),
    "[method]incoming-request.consume": sync((self: number): Result<number, undefined> => {
      const body = get(self).consume();
      return body === undefined ? err(undefined) : ok(resources.add(body));
    }),
  };
}
