/** Made of packages/sdk/wit/wasi-http/types.wit by tools/generate-host-types.ts. */
import type { Result } from "../../results.ts";

export type Fields = number;

export type FutureIncomingResponse = number;

export type FutureTrailers = number;

export type IncomingBody = number;

export type IncomingRequest = number;

export type IncomingResponse = number;

export type InputStream = number;

export type IoError = number;

export type OutgoingBody = number;

export type OutgoingRequest = number;

export type OutgoingResponse = number;

export type OutputStream = number;

export type Pollable = number;

export type RequestOptions = number;

export type ResponseOutparam = number;

export type FieldValue = Uint8Array;

export type HeaderError =
  | { readonly tag: "invalid-syntax"; readonly val?: undefined }
  | { readonly tag: "forbidden"; readonly val?: undefined }
  | { readonly tag: "immutable"; readonly val?: undefined };

export type Method =
  | { readonly tag: "get"; readonly val?: undefined }
  | { readonly tag: "head"; readonly val?: undefined }
  | { readonly tag: "post"; readonly val?: undefined }
  | { readonly tag: "put"; readonly val?: undefined }
  | { readonly tag: "delete"; readonly val?: undefined }
  | { readonly tag: "connect"; readonly val?: undefined }
  | { readonly tag: "options"; readonly val?: undefined }
  | { readonly tag: "trace"; readonly val?: undefined }
  | { readonly tag: "patch"; readonly val?: undefined }
  | { readonly tag: "other"; readonly val: string };

export type Scheme =
  | { readonly tag: "HTTP"; readonly val?: undefined }
  | { readonly tag: "HTTPS"; readonly val?: undefined }
  | { readonly tag: "other"; readonly val: string };

export type DnsErrorPayload = { readonly rcode: string | undefined; readonly infoCode: number | undefined };

export type TlsAlertReceivedPayload = {
  readonly alertId: number | undefined;
  readonly alertMessage: string | undefined;
};

export type FieldSizePayload = { readonly fieldName: string | undefined; readonly fieldSize: number | undefined };

export type ErrorCode =
  | { readonly tag: "DNS-timeout"; readonly val?: undefined }
  | { readonly tag: "DNS-error"; readonly val: DnsErrorPayload }
  | { readonly tag: "destination-not-found"; readonly val?: undefined }
  | { readonly tag: "destination-unavailable"; readonly val?: undefined }
  | { readonly tag: "destination-IP-prohibited"; readonly val?: undefined }
  | { readonly tag: "destination-IP-unroutable"; readonly val?: undefined }
  | { readonly tag: "connection-refused"; readonly val?: undefined }
  | { readonly tag: "connection-terminated"; readonly val?: undefined }
  | { readonly tag: "connection-timeout"; readonly val?: undefined }
  | { readonly tag: "connection-read-timeout"; readonly val?: undefined }
  | { readonly tag: "connection-write-timeout"; readonly val?: undefined }
  | { readonly tag: "connection-limit-reached"; readonly val?: undefined }
  | { readonly tag: "TLS-protocol-error"; readonly val?: undefined }
  | { readonly tag: "TLS-certificate-error"; readonly val?: undefined }
  | { readonly tag: "TLS-alert-received"; readonly val: TlsAlertReceivedPayload }
  | { readonly tag: "HTTP-request-denied"; readonly val?: undefined }
  | { readonly tag: "HTTP-request-length-required"; readonly val?: undefined }
  | { readonly tag: "HTTP-request-body-size"; readonly val: bigint | undefined }
  | { readonly tag: "HTTP-request-method-invalid"; readonly val?: undefined }
  | { readonly tag: "HTTP-request-URI-invalid"; readonly val?: undefined }
  | { readonly tag: "HTTP-request-URI-too-long"; readonly val?: undefined }
  | { readonly tag: "HTTP-request-header-section-size"; readonly val: number | undefined }
  | { readonly tag: "HTTP-request-header-size"; readonly val: FieldSizePayload | undefined }
  | { readonly tag: "HTTP-request-trailer-section-size"; readonly val: number | undefined }
  | { readonly tag: "HTTP-request-trailer-size"; readonly val: FieldSizePayload }
  | { readonly tag: "HTTP-response-incomplete"; readonly val?: undefined }
  | { readonly tag: "HTTP-response-header-section-size"; readonly val: number | undefined }
  | { readonly tag: "HTTP-response-header-size"; readonly val: FieldSizePayload }
  | { readonly tag: "HTTP-response-body-size"; readonly val: bigint | undefined }
  | { readonly tag: "HTTP-response-trailer-section-size"; readonly val: number | undefined }
  | { readonly tag: "HTTP-response-trailer-size"; readonly val: FieldSizePayload }
  | { readonly tag: "HTTP-response-transfer-coding"; readonly val: string | undefined }
  | { readonly tag: "HTTP-response-content-coding"; readonly val: string | undefined }
  | { readonly tag: "HTTP-response-timeout"; readonly val?: undefined }
  | { readonly tag: "HTTP-upgrade-failed"; readonly val?: undefined }
  | { readonly tag: "HTTP-protocol-error"; readonly val?: undefined }
  | { readonly tag: "loop-detected"; readonly val?: undefined }
  | { readonly tag: "configuration-error"; readonly val?: undefined }
  | { readonly tag: "internal-error"; readonly val: string | undefined };

/** wasi:http/types@0.2.0 */
export interface WasiHttpTypes {
  readonly name: "wasi:http/types@0.2.0";
  readonly functions: {
    readonly "[constructor]fields": () => Fields;
    readonly "[static]fields.from-list": (
      entries: readonly (readonly [string, FieldValue])[],
    ) => Result<Fields, HeaderError>;
    readonly "[method]fields.get": (self: Fields, name: string) => readonly FieldValue[];
    readonly "[method]fields.has": (self: Fields, name: string) => boolean;
    readonly "[method]fields.set": (
      self: Fields,
      name: string,
      value: readonly FieldValue[],
    ) => Result<void, HeaderError>;
    readonly "[method]fields.delete": (self: Fields, name: string) => Result<void, HeaderError>;
    readonly "[method]fields.append": (self: Fields, name: string, value: FieldValue) => Result<void, HeaderError>;
    readonly "[method]fields.entries": (self: Fields) => readonly (readonly [string, FieldValue])[];
    readonly "[method]fields.clone": (self: Fields) => Fields;
    readonly "[method]incoming-request.method": (self: IncomingRequest) => Method;
    readonly "[method]incoming-request.path-with-query": (self: IncomingRequest) => string | undefined;
    readonly "[method]incoming-request.scheme": (self: IncomingRequest) => Scheme | undefined;
    readonly "[method]incoming-request.authority": (self: IncomingRequest) => string | undefined;
    readonly "[method]incoming-request.headers": (self: IncomingRequest) => Fields;
    readonly "[method]incoming-request.consume": (self: IncomingRequest) => Result<IncomingBody, void>;
    readonly "[constructor]outgoing-request": (headers: Fields) => OutgoingRequest;
    readonly "[method]outgoing-request.body": (self: OutgoingRequest) => Result<OutgoingBody, void>;
    readonly "[method]outgoing-request.method": (self: OutgoingRequest) => Method;
    readonly "[method]outgoing-request.set-method": (self: OutgoingRequest, method: Method) => Result<void, void>;
    readonly "[method]outgoing-request.path-with-query": (self: OutgoingRequest) => string | undefined;
    readonly "[method]outgoing-request.set-path-with-query": (
      self: OutgoingRequest,
      pathWithQuery: string | undefined,
    ) => Result<void, void>;
    readonly "[method]outgoing-request.scheme": (self: OutgoingRequest) => Scheme | undefined;
    readonly "[method]outgoing-request.set-scheme": (
      self: OutgoingRequest,
      scheme: Scheme | undefined,
    ) => Result<void, void>;
    readonly "[method]outgoing-request.authority": (self: OutgoingRequest) => string | undefined;
    readonly "[method]outgoing-request.set-authority": (
      self: OutgoingRequest,
      authority: string | undefined,
    ) => Result<void, void>;
    readonly "[method]outgoing-request.headers": (self: OutgoingRequest) => Fields;
    readonly "[constructor]request-options": () => RequestOptions;
    readonly "[method]request-options.connect-timeout": (self: RequestOptions) => bigint | undefined;
    readonly "[method]request-options.set-connect-timeout": (
      self: RequestOptions,
      duration: bigint | undefined,
    ) => Result<void, void>;
    readonly "[method]request-options.first-byte-timeout": (self: RequestOptions) => bigint | undefined;
    readonly "[method]request-options.set-first-byte-timeout": (
      self: RequestOptions,
      duration: bigint | undefined,
    ) => Result<void, void>;
    readonly "[method]request-options.between-bytes-timeout": (self: RequestOptions) => bigint | undefined;
    readonly "[method]request-options.set-between-bytes-timeout": (
      self: RequestOptions,
      duration: bigint | undefined,
    ) => Result<void, void>;
    readonly "[method]response-outparam.send-informational": (
      self: ResponseOutparam,
      status: number,
      headers: Fields,
    ) => Result<void, ErrorCode>;
    readonly "[static]response-outparam.set": (
      param: ResponseOutparam,
      response: Result<OutgoingResponse, ErrorCode>,
    ) => void;
    readonly "[method]incoming-response.status": (self: IncomingResponse) => number;
    readonly "[method]incoming-response.headers": (self: IncomingResponse) => Fields;
    readonly "[method]incoming-response.consume": (self: IncomingResponse) => Result<IncomingBody, void>;
    readonly "[method]incoming-body.stream": (self: IncomingBody) => Result<InputStream, void>;
    readonly "[static]incoming-body.finish": (this_: IncomingBody) => FutureTrailers;
    readonly "[method]future-trailers.subscribe": (self: FutureTrailers) => Pollable;
    readonly "[method]future-trailers.get": (
      self: FutureTrailers,
    ) => Result<Result<Fields | undefined, ErrorCode>, void> | undefined;
    readonly "[constructor]outgoing-response": (headers: Fields) => OutgoingResponse;
    readonly "[method]outgoing-response.status-code": (self: OutgoingResponse) => number;
    readonly "[method]outgoing-response.set-status-code": (
      self: OutgoingResponse,
      statusCode: number,
    ) => Result<void, void>;
    readonly "[method]outgoing-response.headers": (self: OutgoingResponse) => Fields;
    readonly "[method]outgoing-response.body": (self: OutgoingResponse) => Result<OutgoingBody, void>;
    readonly "[method]outgoing-body.write": (self: OutgoingBody) => Result<OutputStream, void>;
    readonly "[static]outgoing-body.finish": (
      this_: OutgoingBody,
      trailers: Fields | undefined,
    ) => Result<void, ErrorCode>;
    readonly "[method]future-incoming-response.subscribe": (self: FutureIncomingResponse) => Pollable;
    readonly "[method]future-incoming-response.get": (
      self: FutureIncomingResponse,
    ) => Result<Result<IncomingResponse, ErrorCode>, void> | undefined;
    readonly "http-error-code": (err: IoError) => ErrorCode | undefined;
  };
  readonly resources:
    | "fields"
    | "incoming-request"
    | "incoming-body"
    | "outgoing-request"
    | "outgoing-body"
    | "request-options"
    | "response-outparam"
    | "outgoing-response"
    | "incoming-response"
    | "future-trailers"
    | "future-incoming-response";
}
