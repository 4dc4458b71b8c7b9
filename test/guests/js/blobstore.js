import * as blobstore from "wasi:blobstore/blobstore";
import { OutgoingValue } from "wasi:blobstore/types";

const seen = [];
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const most = 2n ** 64n - 1n;

function note(...texts) {
  seen.push(...texts);
  return texts;
}

function writeAll(output, bytes) {
  for (let at = 0; at < bytes.length; at += 4096) output.blockingWriteAndFlush(bytes.subarray(at, at + 4096));
}

function write(container, name, text) {
  const value = OutgoingValue.newOutgoingValue();
  const output = value.outgoingValueWriteBody();
  writeAll(output, encoder.encode(text));
  output[Symbol.dispose]();
  container.writeData(name, value);
}

function read(container, name, from = 0n, to = most) {
  return decoder.decode(container.getData(name, from, to).incomingValueConsumeSync());
}

function errorOf(attempt) {
  try {
    attempt();
    return "nothing went wrong";
  } catch (error) {
    return typeof error.payload === "string" ? error.payload : String(error);
  }
}

export function containers(prefix) {
  const name = `${prefix}/../one`;
  const found = [String(blobstore.containerExists(name))];
  const made = blobstore.createContainer(name);
  const again = blobstore.createContainer(name);
  found.push(String(blobstore.containerExists(name)), made.name());
  found.push(String(made.info().createdAt === again.info().createdAt));
  found.push(String(blobstore.getContainer(name).info().createdAt === made.info().createdAt));
  blobstore.deleteContainer(name);
  found.push(
    String(blobstore.containerExists(name)),
    errorOf(() => blobstore.getContainer(name)),
  );
  found.push(errorOf(() => made.listObjects()));
  return note(...found);
}

function names(container) {
  const list = container.listObjects();
  const [found, end] = list.readStreamObjectNames(100n);
  return `${found.join()} ${end}`;
}

export function objects(name) {
  const container = blobstore.createContainer(name);
  const other = blobstore.createContainer(`${name}-other`);
  const found = [];
  for (const object of ["c", "a", "../b"]) write(container, object, `text of ${object}`);
  write(container, "a", "another text");
  found.push(names(container), read(container, "a"), read(container, "../b"));
  const { size, container: of, name: object } = container.objectInfo("a");
  found.push(`${size} ${of === name} ${object}`);
  blobstore.copyObject({ container: name, object: "a" }, { container: `${name}-other`, object: "copied" });
  blobstore.moveObject({ container: name, object: "c" }, { container: `${name}-other`, object: "moved" });
  found.push(names(container), names(other), read(other, "copied"), read(other, "moved"));
  container.deleteObject("a");
  found.push(String(container.hasObject("a")), String(container.hasObject("../b")), read(other, "copied"));
  other.deleteObjects(["copied", "none"]);
  found.push(names(other));
  other.clear();
  found.push(names(other), String(blobstore.containerExists(`${name}-other`)));
  return note(...found);
}

export function ranges(name) {
  const container = blobstore.createContainer(name);
  write(container, "o", "0123456789");
  const found = [
    [0n, 0n],
    [2n, 4n],
    [8n, most],
    [10n, 20n],
    [5n, 4n],
    [0n, 9n],
  ].map(([from, to]) => read(container, "o", from, to));
  const incoming = container.getData("o", 3n, 7n);
  const input = incoming.incomingValueConsumeAsync();
  found.push(`${incoming.size()} ${decoder.decode(input.blockingRead(3n))} ${decoder.decode(input.blockingRead(9n))}`);
  found.push(closedTag(input));
  return note(...found);
}

function closedTag(input) {
  try {
    input.blockingRead(1n);
  } catch (error) {
    return error.payload.tag;
  }
  return "open";
}

const pieceBytes = 1024 * 1024;
const base = Uint8Array.from({ length: pieceBytes + 256 }, (_, index) => (index * 31 + (index >> 8)) & 0xff);

/** Pieces differ by where in the base they begin. */
function piece(number) {
  return base.subarray(number % 256, (number % 256) + pieceBytes);
}

export function large(name, mib, from) {
  const container = blobstore.createContainer(name);
  const value = OutgoingValue.newOutgoingValue();
  const output = value.outgoingValueWriteBody();
  for (let number = 0; number < mib; number++) {
    output.checkWrite();
    output.write(piece(number));
  }
  output[Symbol.dispose]();
  container.writeData("large", value);
  value[Symbol.dispose]();
  const input = container.getData("large", from, most).incomingValueConsumeAsync();
  let at = Number(from);
  let wrongBytes = 0;
  for (;;) {
    let bytes;
    try {
      bytes = input.blockingRead(1_000_000n);
    } catch (error) {
      if (error.payload?.tag === "closed") break;
      throw error;
    }
    for (let index = 0; index < bytes.length; index += 997) {
      const place = at + index;
      if (bytes[index] !== piece(Math.floor(place / pieceBytes))[place % pieceBytes]) wrongBytes += 1;
    }
    at += bytes.length;
  }
  note(`${at} ${wrongBytes}`);
  return BigUint64Array.of(container.objectInfo("large").size, BigInt(at), BigInt(wrongBytes));
}

export function many(name, count) {
  const container = blobstore.createContainer(name);
  for (let index = 0; index < count; index++) write(container, String(index).padStart(6, "0"), "");
  const list = container.listObjects();
  const [skipped, early] = list.skipStreamObjectNames(3n);
  const [next] = list.readStreamObjectNames(2n);
  let rest = 0n;
  for (;;) {
    const [names, end] = list.readStreamObjectNames(7n);
    rest += BigInt(names.length);
    if (end) break;
  }
  note(String(rest));
  return BigUint64Array.of(skipped, early ? 1n : 0n, BigInt(next[1]), rest);
}

export function wrong(name) {
  const container = blobstore.createContainer(name);
  return note(
    errorOf(() => blobstore.createContainer("x".repeat(100_000))),
    errorOf(() => container.getData("none", 0n, 1n)),
    errorOf(() => container.objectInfo("none")),
    errorOf(() => container.hasObject("y".repeat(1_000_000))),
    errorOf(() => container.deleteObjects(Array.from({ length: 20_000 }, () => "o"))),
    errorOf(() => blobstore.getContainer("no such container")),
    errorOf(() => blobstore.copyObject({ container: name, object: "none" }, { container: name, object: "o" })),
  );
}

export function held(name, count) {
  const container = blobstore.createContainer(name);
  write(container, "o", "text");
  const resources = [];
  for (let index = 0; index < count; index++) {
    resources.push(OutgoingValue.newOutgoingValue(), container.getData("o", 0n, 9n));
  }
  for (const each of resources) each[Symbol.dispose]();
  note(String(resources.length));
  return resources.length;
}

export function observe() {
  return seen;
}
