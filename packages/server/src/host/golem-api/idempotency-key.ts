/** Keys that a worker derives for what it calls: equal for equal (invocation, oplog index), so that replay and retries agree. */
import { createHash } from "node:crypto";

const rootNamespace = "9c19b15a-c83d-46f7-9bc3-ead7923733f4";
const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/iu;

/** RFC 9562 version 5. */
export function uuidV5(namespace: string, name: string): string {
  const hash = createHash("sha1")
    .update(Buffer.from(namespace.replaceAll("-", ""), "hex"))
    .update(name)
    .digest();
  const bytes = hash.subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** spec/host-interfaces.md §6. */
export function deriveIdempotencyKey(invocationKey: string, oplogIndex: number): string {
  const namespace = uuidPattern.test(invocationKey) ? invocationKey : uuidV5(rootNamespace, invocationKey);
  return uuidV5(namespace, `oplog-index-${oplogIndex}`);
}
