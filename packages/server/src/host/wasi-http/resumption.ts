/** Going on with a response behind what is known of it (RFC 9110, §13.1.5 and §14). */
import type { HttpHeader } from "../../platform/http/http-client.ts";
import { contentLength, headerText } from "./fields.ts";

interface Head {
  readonly status: number;
  readonly headers: readonly HttpHeader[];
}

interface Request {
  readonly method: string;
  readonly headers: readonly HttpHeader[];
}

/** What tells that the response is still the same, if anything does. */
function validator({ headers }: Head): string | undefined {
  const tag = headerText(headers, "etag");
  if (tag !== undefined && !tag.startsWith("W/")) return tag;
  return headerText(headers, "last-modified");
}

/** The fields of a request for the rest; undefined where nothing assures that it would be the rest of the same. */
export function continuationHeaders(request: Request, head: Head, offset: number): readonly HttpHeader[] | undefined {
  const same = validator(head);
  const isPart = request.headers.some(([name]) => name.toLowerCase() === "range");
  const ranges = headerText(head.headers, "accept-ranges") === "bytes";
  if (request.method !== "GET" || head.status !== 200 || isPart || !ranges || same === undefined) return undefined;
  return [...request.headers, ["Range", Buffer.from(`bytes=${offset}-`)], ["If-Range", Buffer.from(same, "latin1")]];
}

/** Whether a response is the rest from `offset` on of the one that began with `head`. */
export function isContinuation(head: Head, received: Head, offset: number): boolean {
  if (received.status !== 206) return false;
  const [, first, , length] =
    /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/u.exec(headerText(received.headers, "content-range") ?? "") ?? [];
  if (Number(first) !== offset) return false;
  const expected = contentLength(head.headers);
  if (expected !== undefined && length !== "*" && Number(length) !== expected) return false;
  const tag = headerText(received.headers, "etag");
  return tag === undefined || tag === headerText(head.headers, "etag");
}
