/** Byte strings that are sent to other threads: a view is cloned with the whole buffer behind it. */

/** One byte string with a buffer of its own. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return compact(only);
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let end = 0;
  for (const part of parts) {
    whole.set(part, end);
    end += part.length;
  }
  return whole;
}

/** The same bytes, copied unless their buffer holds nothing else. */
export function compact(bytes: Uint8Array): Uint8Array {
  const whole = bytes.length === bytes.buffer.byteLength && !Buffer.isBuffer(bytes);
  return whole ? bytes : new Uint8Array(bytes);
}
