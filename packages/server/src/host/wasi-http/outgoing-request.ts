/** wasi:http's `outgoing-request` and `request-options`. */
import type { HttpTimeouts } from "../../platform/http/http-client.ts";
import type { WasiHttpTypes } from "../generated/wasi-http/types.ts";
import type { HostContext, ResourceFunctions } from "../interface.ts";
import { sync } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import type { SavedObject, Saver } from "../saved-resources.ts";
import { savedKind } from "../saved-resources.ts";
import { err, ok } from "../results.ts";
import type { Result } from "../results.ts";
import { BodyPipe } from "./body-pipe.ts";
import { Fields } from "./fields.ts";
import type { Method, Scheme } from "./methods.ts";
import { isAuthority, isMethod, isPathWithQuery, isScheme } from "./methods.ts";
import { OutgoingBody } from "./outgoing-body.ts";

type Done = Result<undefined, undefined>;

interface SavedRequest {
  readonly headers: number;
  readonly method: Method;
  readonly pathWithQuery: string | undefined;
  readonly scheme: Scheme | undefined;
  readonly authority: string | undefined;
}

const savedRequest = savedKind<SavedRequest>("outgoing-request", ({ headers, ...properties }, restorer) =>
  Object.assign(new OutgoingRequest(restorer.object(headers, Fields)), properties),
);

export class OutgoingRequest extends HostObject {
  readonly headers: Fields;
  method: Method = { tag: "get" };
  pathWithQuery: string | undefined;
  scheme: Scheme | undefined;
  authority: string | undefined;
  /** Undefined as long as the guest hasn't asked for it. */
  pipe: BodyPipe | undefined;

  constructor(headers: Fields) {
    super();
    headers.freeze();
    this.headers = headers;
  }

  override save(saver: Saver): SavedObject | undefined {
    if (this.pipe !== undefined) return undefined;
    const { method, pathWithQuery, scheme, authority } = this;
    return savedRequest({ headers: saver.object(this.headers), method, pathWithQuery, scheme, authority });
  }
}

const defaultTimeoutNs = 600_000_000_000n;
/** What timers take. */
const timeoutMsMax = 2n ** 31n - 1n;

const timeoutNames = ["connect-timeout", "first-byte-timeout", "between-bytes-timeout"] as const;
type TimeoutName = (typeof timeoutNames)[number];

const savedOptions = savedKind<ReadonlyMap<TimeoutName, bigint>>("request-options", (timeouts) => {
  const options = new RequestOptions();
  for (const [name, ns] of timeouts) options.timeoutsNs.set(name, ns);
  return options;
});

export class RequestOptions extends HostObject {
  readonly timeoutsNs: Map<TimeoutName, bigint> = new Map();

  override save(): SavedObject {
    return savedOptions(this.timeoutsNs);
  }
}

export function timeoutsOf(options: RequestOptions | undefined): HttpTimeouts {
  const milliseconds = (name: TimeoutName): number => {
    const ms = ((options?.timeoutsNs.get(name) ?? defaultTimeoutNs) + 999_999n) / 1_000_000n;
    return Number(ms > timeoutMsMax ? timeoutMsMax : ms);
  };
  return {
    connectMs: milliseconds("connect-timeout"),
    firstByteMs: milliseconds("first-byte-timeout"),
    betweenBytesMs: milliseconds("between-bytes-timeout"),
  };
}

function change(valid: boolean, action: () => void): Done {
  if (!valid) return err(undefined);
  action();
  return ok(undefined);
}

function requestFunctions({ resources }: HostContext): ResourceFunctions<WasiHttpTypes, "outgoing-request"> {
  const get = (self: number): OutgoingRequest => resources.get(self, OutgoingRequest);
  return {
    "[constructor]outgoing-request": sync((headers: number) => {
      const fields = resources.get(headers, Fields);
      resources.remove(headers);
      return resources.add(new OutgoingRequest(fields));
    }),
    "[method]outgoing-request.body": sync((self: number): Result<number, undefined> => {
      const request = get(self);
      if (request.pipe !== undefined) return err(undefined);
      request.pipe = new BodyPipe();
      return ok(resources.add(new OutgoingBody("request", request.headers.entries, request.pipe)));
    }),
    "[method]outgoing-request.headers": sync((self: number) =>
      resources.add(new Fields(get(self).headers.entries, false)),
    ),
    ...requestProperties(get),
  };
}

function requestProperties(get: (self: number) => OutgoingRequest) {
  return {
    "[method]outgoing-request.method": sync((self: number) => get(self).method),
    "[method]outgoing-request.set-method": sync((self: number, method: Method) =>
      change(isMethod(method), () => {
        get(self).method = method;
      }),
    ),
    "[method]outgoing-request.path-with-query": sync((self: number) => get(self).pathWithQuery),
    "[method]outgoing-request.set-path-with-query": sync((self: number, path: string | undefined) =>
      change(path === undefined || isPathWithQuery(path), () => {
        get(self).pathWithQuery = path;
      }),
    ),
    "[method]outgoing-request.scheme": sync((self: number) => get(self).scheme),
    "[method]outgoing-request.set-scheme": sync((self: number, scheme: Scheme | undefined) =>
      change(scheme === undefined || isScheme(scheme), () => {
        get(self).scheme = scheme;
      }),
    ),
    "[method]outgoing-request.authority": sync((self: number) => get(self).authority),
    "[method]outgoing-request.set-authority": sync((self: number, authority: string | undefined) =>
      change(authority === undefined || isAuthority(authority), () => {
        get(self).authority = authority;
      }),
    ),
  };
}

function optionsFunctions({ resources }: HostContext): ResourceFunctions<WasiHttpTypes, "request-options"> {
  const options = (self: number): RequestOptions => resources.get(self, RequestOptions);
  const getter = (name: TimeoutName) => sync((self: number) => options(self).timeoutsNs.get(name));
  const setter = (name: TimeoutName) =>
    sync((self: number, duration: bigint | undefined): Done => {
      const { timeoutsNs } = options(self);
      if (duration === undefined) timeoutsNs.delete(name);
      else timeoutsNs.set(name, duration);
      return ok(undefined);
    });
  return {
    "[constructor]request-options": sync(() => resources.add(new RequestOptions())),
    "[method]request-options.connect-timeout": getter("connect-timeout"),
    "[method]request-options.set-connect-timeout": setter("connect-timeout"),
    "[method]request-options.first-byte-timeout": getter("first-byte-timeout"),
    "[method]request-options.set-first-byte-timeout": setter("first-byte-timeout"),
    "[method]request-options.between-bytes-timeout": getter("between-bytes-timeout"),
    "[method]request-options.set-between-bytes-timeout": setter("between-bytes-timeout"),
  };
}

export function outgoingRequestFunctions(
  context: HostContext,
): ResourceFunctions<WasiHttpTypes, "outgoing-request" | "request-options"> {
  return { ...requestFunctions(context), ...optionsFunctions(context) };
}
