/** Made of packages/sdk/wit/wasi-http/outgoing-handler.wit by tools/generate-host-types.ts. */
import type { Result } from "../../results.ts";

export type FutureIncomingResponse = number;

export type OutgoingRequest = number;

export type RequestOptions = number;

export type ErrorCode =
  | { readonly tag: "DNS-timeout"; readonly val?: undefined }
  | {
      readonly tag: "DNS-error";
      readonly val: { readonly rcode: string | undefined; readonly infoCode: number | undefined };
    }
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
  | {
      readonly tag: "TLS-alert-received";
      readonly val: { readonly alertId: number | undefined; readonly alertMessage: string | undefined };
    }
  | { readonly tag: "HTTP-request-denied"; readonly val?: undefined }
  | { readonly tag: "HTTP-request-length-required"; readonly val?: undefined }
  | { readonly tag: "HTTP-request-body-size"; readonly val: bigint | undefined }
  | { readonly tag: "HTTP-request-method-invalid"; readonly val?: undefined }
  | { readonly tag: "HTTP-request-URI-invalid"; readonly val?: undefined }
  | { readonly tag: "HTTP-request-URI-too-long"; readonly val?: undefined }
  | { readonly tag: "HTTP-request-header-section-size"; readonly val: number | undefined }
  | {
      readonly tag: "HTTP-request-header-size";
      readonly val: { readonly fieldName: string | undefined; readonly fieldSize: number | undefined } | undefined;
    }
  | { readonly tag: "HTTP-request-trailer-section-size"; readonly val: number | undefined }
  | {
      readonly tag: "HTTP-request-trailer-size";
      readonly val: { readonly fieldName: string | undefined; readonly fieldSize: number | undefined };
    }
  | { readonly tag: "HTTP-response-incomplete"; readonly val?: undefined }
  | { readonly tag: "HTTP-response-header-section-size"; readonly val: number | undefined }
  | {
      readonly tag: "HTTP-response-header-size";
      readonly val: { readonly fieldName: string | undefined; readonly fieldSize: number | undefined };
    }
  | { readonly tag: "HTTP-response-body-size"; readonly val: bigint | undefined }
  | { readonly tag: "HTTP-response-trailer-section-size"; readonly val: number | undefined }
  | {
      readonly tag: "HTTP-response-trailer-size";
      readonly val: { readonly fieldName: string | undefined; readonly fieldSize: number | undefined };
    }
  | { readonly tag: "HTTP-response-transfer-coding"; readonly val: string | undefined }
  | { readonly tag: "HTTP-response-content-coding"; readonly val: string | undefined }
  | { readonly tag: "HTTP-response-timeout"; readonly val?: undefined }
  | { readonly tag: "HTTP-upgrade-failed"; readonly val?: undefined }
  | { readonly tag: "HTTP-protocol-error"; readonly val?: undefined }
  | { readonly tag: "loop-detected"; readonly val?: undefined }
  | { readonly tag: "configuration-error"; readonly val?: undefined }
  | { readonly tag: "internal-error"; readonly val: string | undefined };

/** wasi:http/outgoing-handler@0.2.0 */
export interface WasiHttpOutgoingHandler {
  readonly name: "wasi:http/outgoing-handler@0.2.0";
  readonly functions: {
    readonly handle: (
      request: OutgoingRequest,
      options: RequestOptions | undefined,
    ) => Result<FutureIncomingResponse, ErrorCode>;
  };
  readonly resources: never;
}
