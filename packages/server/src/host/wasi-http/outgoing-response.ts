/** wasi:http's `outgoing-response` and `response-outparam`. */
import type { WasiHttpTypes } from "../generated/wasi-http/types.ts";
import type { HostContext, ResourceFunctions } from "../interface.ts";
import { sync } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import type { SavedObject, Saver } from "../saved-resources.ts";
import { savedKind } from "../saved-resources.ts";
import { err, ok } from "../results.ts";
import type { Result } from "../results.ts";
import { BodyPipe } from "./body-pipe.ts";
import type { Delivery } from "./delivery.ts";
import type { ErrorCode } from "./error-code.ts";
import { plainError } from "./error-code.ts";
import { Fields } from "./fields.ts";
import { OutgoingBody } from "./outgoing-body.ts";

const savedResponse = savedKind(
  "outgoing-response",
  ({ headers, statusCode }: { readonly headers: number; readonly statusCode: number }, restorer) =>
    Object.assign(new OutgoingResponse(restorer.object(headers, Fields)), { statusCode }),
);

export class OutgoingResponse extends HostObject {
  readonly headers: Fields;
  statusCode = 200;
  /** Undefined as long as the guest hasn't asked for it. */
  pipe: BodyPipe | undefined;

  constructor(headers: Fields) {
    super();
    headers.freeze();
    this.headers = headers;
  }

  override save(saver: Saver): SavedObject | undefined {
    if (this.pipe !== undefined) return undefined;
    return savedResponse({ headers: saver.object(this.headers), statusCode: this.statusCode });
  }
}

export class ResponseOutparam extends HostObject {
  readonly delivery: Delivery;

  constructor(delivery: Delivery) {
    super();
    this.delivery = delivery;
  }
}

function responseFunctions({ resources }: HostContext): ResourceFunctions<WasiHttpTypes, "outgoing-response"> {
  const get = (self: number): OutgoingResponse => resources.get(self, OutgoingResponse);
  return {
    "[constructor]outgoing-response": sync((headers: number) => {
      const fields = resources.get(headers, Fields);
      resources.remove(headers);
      return resources.add(new OutgoingResponse(fields));
    }),
    "[method]outgoing-response.status-code": sync((self: number) => get(self).statusCode),
    "[method]outgoing-response.set-status-code": sync((self: number, status: number): Result<undefined, undefined> => {
      // Below 200 there is no answer yet, and three digits are all that HTTP has.
      if (status < 200 || status > 999) return err(undefined);
      get(self).statusCode = status;
      return ok(undefined);
    }),
    "[method]outgoing-response.headers": sync((self: number) =>
      resources.add(new Fields(get(self).headers.entries, false)),
    ),
    "[method]outgoing-response.body": sync((self: number): Result<number, undefined> => {
      const response = get(self);
      if (response.pipe !== undefined) return err(undefined);
      response.pipe = new BodyPipe();
      return ok(resources.add(new OutgoingBody("response", response.headers.entries, response.pipe)));
    }),
  };
}

export function outgoingResponseFunctions(
  context: HostContext,
): ResourceFunctions<WasiHttpTypes, "outgoing-response" | "response-outparam"> {
  const { resources } = context;
  return {
    ...responseFunctions(context),
    "[static]response-outparam.set": sync((self: number, result: Result<number, ErrorCode>) => {
      const { delivery } = resources.get(self, ResponseOutparam);
      if (result.tag === "err") delivery.refuse(result.val);
      else {
        const { statusCode, headers, pipe } = resources.get(result.val, OutgoingResponse);
        resources.remove(result.val);
        delivery.begin({ status: statusCode, headers: headers.entries }, pipe);
      }
      resources.remove(self);
    }),
    "[method]response-outparam.send-informational": sync(
      (self: number, status: number, headers: number): Result<undefined, ErrorCode> => {
        const fields = resources.get(headers, Fields);
        resources.remove(headers);
        // 101 would end HTTP on the connection.
        if (status < 100 || status > 199 || status === 101) return err(plainError("HTTP-protocol-error"));
        resources.get(self, ResponseOutparam).delivery.inform(status, fields.entries);
        return ok(undefined);
      },
    ),
  };
}
