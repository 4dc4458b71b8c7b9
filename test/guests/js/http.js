import {
  Fields,
  httpErrorCode,
  OutgoingBody,
  OutgoingRequest,
  RequestOptions,
  IncomingBody,
} from "wasi:http/types@0.2.0";
import { handle } from "wasi:http/outgoing-handler@0.2.0";
import { poll } from "wasi:io/poll@0.2.0";
import { setIdempotenceMode } from "golem:api/host@1.1.7";

const decoder = new TextDecoder();
const encoder = new TextEncoder();
const chunkBytes = 65536;

const seen = [];

function note(text) {
  seen.push(text);
  return text;
}

function prepare(authority, path, method = { tag: "get" }) {
  const request = new OutgoingRequest(Fields.fromList([["x-guest", encoder.encode("js")]]));
  request.setMethod(method);
  request.setScheme({ tag: "HTTP" });
  request.setAuthority(authority);
  request.setPathWithQuery(path);
  return request;
}

function responseOf(future) {
  future.subscribe().block();
  const { tag, val } = future.get().val;
  if (tag === "err") throw Object.assign(new Error(val.tag), { code: val });
  return val;
}

function* chunksOf(stream) {
  for (;;) {
    try {
      yield stream.blockingRead(BigInt(chunkBytes));
    } catch (error) {
      if (error.payload?.tag === "closed") return;
      if (error.payload?.tag === "last-operation-failed") {
        throw Object.assign(new Error("body"), { code: httpErrorCode(error.payload.val) });
      }
      throw error;
    }
  }
}

function textOf(response) {
  const body = response.consume();
  const stream = body.stream();
  let text = "";
  for (const chunk of chunksOf(stream)) text += decoder.decode(chunk);
  stream[Symbol.dispose]();
  body[Symbol.dispose]();
  return text;
}

function request(authority, path) {
  return handle(prepare(authority, path), undefined);
}

export function fetchAll(authority, paths) {
  return paths.map((path) => note(textOf(responseOf(request(authority, path)))));
}

export function overlap(authority, paths) {
  let waiting = paths.map((path) => ({ path, future: request(authority, path) }));
  const texts = [];
  while (waiting.length > 0) {
    const pollables = waiting.map(({ future }) => future.subscribe());
    const ready = new Set(poll(pollables));
    for (const pollable of pollables) pollable[Symbol.dispose]();
    for (const index of ready) texts.push(note(textOf(responseOf(waiting[index].future))));
    waiting = waiting.filter((_, index) => !ready.has(index));
  }
  return texts.sort();
}

function writeChunks(stream, chunks, fill) {
  const chunk = new Uint8Array(chunkBytes).fill(fill);
  for (let index = 0; index < chunks; index++) {
    let rest = chunk;
    while (rest.length > 0) {
      const room = Number(stream.checkWrite());
      if (room === 0) {
        stream.subscribe().block();
        continue;
      }
      stream.write(rest.subarray(0, room));
      rest = rest.subarray(Math.min(room, rest.length));
    }
  }
  stream.blockingFlush();
  stream[Symbol.dispose]();
}

export function upload(authority, path, chunks) {
  const sent = prepare(authority, path, { tag: "post" });
  const body = sent.body();
  const future = handle(sent, undefined);
  writeChunks(body.write(), chunks, 7);
  OutgoingBody.finish(body, undefined);
  return note(textOf(responseOf(future)));
}

export function download(authority, path) {
  let bytes = 0;
  let sum = 0;
  const body = responseOf(request(authority, path)).consume();
  for (const chunk of chunksOf(body.stream())) {
    bytes += chunk.length;
    for (let index = 0; index < chunk.length; index += 1024) sum = (sum * 31 + chunk[index]) >>> 0;
  }
  return note(`${bytes}`);
}

/** Writes when there is room, reads when there is something, waits when there is neither. */
export function through(authority, path, chunks) {
  const sent = prepare(authority, path, { tag: "post" });
  const outgoing = sent.body();
  const output = outgoing.write();
  const future = handle(sent, undefined);
  let unsent = chunks * chunkBytes;
  let input;
  let received = 0;
  let finished = false;
  const finish = () => {
    output[Symbol.dispose]();
    OutgoingBody.finish(outgoing, undefined);
    finished = true;
  };
  for (;;) {
    const waits = [];
    if (!finished) waits.push(["write", output.subscribe()]);
    waits.push(input === undefined ? ["head", future.subscribe()] : ["read", input.subscribe()]);
    const ready = poll(waits.map(([, pollable]) => pollable));
    const kinds = [...ready].map((index) => waits[index][0]);
    for (const [, pollable] of waits) pollable[Symbol.dispose]();
    if (kinds.includes("write")) {
      const part = Math.min(Number(output.checkWrite()), unsent, chunkBytes);
      output.write(new Uint8Array(part));
      unsent -= part;
      if (unsent === 0) finish();
    }
    if (kinds.includes("head")) input = future.get().val.val.consume().stream();
    if (kinds.includes("read")) {
      try {
        received += input.read(BigInt(chunkBytes)).length;
      } catch (error) {
        if (error.payload?.tag === "closed") return note(`${received}`);
        throw error;
      }
    }
  }
}

export function trailers(authority, path) {
  const sent = prepare(authority, path, { tag: "post" });
  const body = sent.body();
  const future = handle(sent, undefined);
  const stream = body.write();
  stream.blockingWriteAndFlush(encoder.encode("with trailers"));
  stream[Symbol.dispose]();
  OutgoingBody.finish(body, Fields.fromList([["x-sent", encoder.encode("by the guest")]]));
  const incoming = responseOf(future).consume();
  const input = incoming.stream();
  for (const _ of chunksOf(input));
  input[Symbol.dispose]();
  const coming = IncomingBody.finish(incoming);
  coming.subscribe().block();
  const { val } = coming.get();
  const fields = val.tag === "ok" ? val.val : undefined;
  return fields.entries().map(([name, value]) => note(`${name}: ${decoder.decode(value)}`));
}

export function once(authority, path) {
  setIdempotenceMode(false);
  const text = note(textOf(responseOf(request(authority, path))));
  setIdempotenceMode(true);
  return text;
}

export function failure(authority, path, timeoutMs) {
  const options = new RequestOptions();
  options.setConnectTimeout(BigInt(timeoutMs) * 1_000_000n);
  options.setFirstByteTimeout(BigInt(timeoutMs) * 1_000_000n);
  options.setBetweenBytesTimeout(BigInt(timeoutMs) * 1_000_000n);
  try {
    return note(textOf(responseOf(handle(prepare(authority, path), options))));
  } catch (error) {
    return note(error.code?.tag ?? String(error));
  }
}

export function observe() {
  return seen;
}
