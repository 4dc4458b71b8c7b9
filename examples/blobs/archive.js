import { containerExists, createContainer, getContainer } from "wasi:blobstore/blobstore";
import { OutgoingValue } from "wasi:blobstore/types";

const containerName = "letters";

function letters() {
  return containerExists(containerName) ? getContainer(containerName) : createContainer(containerName);
}

export function store(name, text) {
  const value = OutgoingValue.newOutgoingValue();
  const body = value.outgoingValueWriteBody();
  const bytes = new TextEncoder().encode(text);
  // One call takes 4096 bytes; an object may be as long as it likes.
  for (let at = 0; at < bytes.length; at += 4096) body.blockingWriteAndFlush(bytes.subarray(at, at + 4096));
  body[Symbol.dispose]();
  letters().writeData(name, value);
}

export function read(name, first, last) {
  return new TextDecoder().decode(letters().getData(name, first, last).incomingValueConsumeSync());
}

export function list() {
  const [names] = letters().listObjects().readStreamObjectNames(100n);
  return names;
}
