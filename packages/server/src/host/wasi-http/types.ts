/** wasi:http/types: everything that requests and responses are made of. */
import type { WasiHttpTypes } from "../generated/wasi-http/types.ts";
import type { HostInterface } from "../interface.ts";
import { resource, sync } from "../interface.ts";
import { IoError } from "../wasi-io/streams.ts";
import { BodyFailure } from "./error-code.ts";
import { exchangeRecords } from "./exchange.ts";
import { fieldsFunctions } from "./fields.ts";
import { incomingBodyFunctions } from "./incoming-body.ts";
import { incomingRequestFunctions } from "./incoming-request.ts";
import { incomingResponseFunctions } from "./incoming-response.ts";
import { checkWrite, outgoingBodyFunctions } from "./outgoing-body.ts";
import { outgoingRequestFunctions } from "./outgoing-request.ts";
import { outgoingResponseFunctions } from "./outgoing-response.ts";
import { readRequestBody } from "./request-body.ts";

export const httpTypes: HostInterface<WasiHttpTypes> = {
  name: "wasi:http/types@0.2.0",
  durable: {
    ...exchangeRecords,
    "[method]outgoing-body.write": checkWrite,
    "[method]incoming-request.consume": readRequestBody,
  },
  bind: (context) => {
    const { resources } = context;
    const drop = resource((representation) => resources.remove(representation));
    return {
      functions: {
        ...fieldsFunctions(context),
        ...outgoingRequestFunctions(context),
        ...outgoingBodyFunctions(context),
        ...incomingResponseFunctions(context),
        ...incomingBodyFunctions(context),
        ...incomingRequestFunctions(context),
        ...outgoingResponseFunctions(context),
        "http-error-code": sync((error: number) => {
          const { failure } = resources.get(error, IoError);
          return failure instanceof BodyFailure ? failure.code : undefined;
        }),
      },
      resources: {
        fields: drop,
        "incoming-request": drop,
        "outgoing-request": drop,
        "request-options": drop,
        "response-outparam": drop,
        "incoming-response": drop,
        "incoming-body": drop,
        "future-trailers": drop,
        "outgoing-response": drop,
        "outgoing-body": drop,
        "future-incoming-response": drop,
      },
    };
  },
};
