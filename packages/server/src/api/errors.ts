/** Errors as responses (spec/service.md §6.1). */
import { formatJson } from "@emet/contract";
import type { TypedResponse } from "hono";
import { HTTPException } from "hono/http-exception";

import { UploadError } from "../component/upload-error.ts";
import { requestFailed } from "./channels.ts";
import { RouteError } from "./gateway/route-error.ts";
import { isStoreError } from "../platform/store-error.ts";
import { WorkerError } from "../worker/worker-error.ts";
import type { WorkerErrorData } from "../worker/worker-error.ts";

export interface ErrorResponse {
  readonly status: number;
  readonly body: unknown;
}

const uploadStatus: { readonly [code in UploadError["code"]]: number } = {
  invalid: 400,
  conflict: 409,
  "not-found": 404,
  transformation: 500,
};

/** What to answer for an error of any part of the server. */
export function errorResponse(error: unknown): ErrorResponse {
  if (error instanceof WorkerError) return workerErrorResponse(error.data);
  if (error instanceof UploadError) {
    const status = uploadStatus[error.code];
    return { status, body: status === 400 ? { errors: [error.message] } : { error: error.message } };
  }
  if (error instanceof RouteError) {
    const invalid = error.code === "invalid";
    return { status: invalid ? 400 : 409, body: invalid ? { errors: [error.message] } : { error: error.message } };
  }
  if (error instanceof HTTPException) {
    const body = error.status === 400 ? { errors: [error.message] } : { error: error.message };
    return { status: error.status, body };
  }
  requestFailed.publish({ error });
  if (isStoreError(error)) return { status: 500, body: { error: `Storage error: ${error.message}` } };
  return { status: 500, body: { error: error instanceof Error ? error.message : String(error) } };
}

function workerErrorResponse(data: WorkerErrorData): ErrorResponse {
  switch (data.kind) {
    case "bad-request":
      return { status: 400, body: { errors: data.messages } };
    case "not-found":
      return { status: 404, body: { error: data.message } };
    case "denied":
      return { status: 403, body: { error: data.message } };
    case "golem":
      return { status: 500, body: { golemError: data.error } };
  }
}

export function toResponse({ status, body }: ErrorResponse): Response {
  return jsonText(formatJson(body), status);
}

/** Fits the body of any route: its text was made elsewhere. */
export type JsonText = Response & TypedResponse<never, 200, "json">;

/** A body that is JSON text already. */
export function jsonText(text: string, status = 200): JsonText {
  const response = new Response(text, { status, headers: { "content-type": "application/json" } });
  return response as JsonText;
}

export function badRequest(message: string): HTTPException {
  return new HTTPException(400, { message });
}

export function notFound(message: string): HTTPException {
  return new HTTPException(404, { message });
}

export function conflict(message: string): HTTPException {
  return new HTTPException(409, { message });
}

export function tooLarge(bytesMax: number): HTTPException {
  return new HTTPException(413, { message: `The request has more than ${bytesMax} bytes` });
}
