/** Makes a core module as large as one with a language's runtime in it, by repeating its last function and adding data. */

interface Section {
  readonly id: number;
  readonly content: Buffer;
}

const functionSection = 3;
const codeSection = 10;
const dataSection = 11;

function unsigned(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low + 128 : low);
  } while (rest > 0);
  return Buffer.from(bytes);
}

function signed(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = rest & 127;
    rest >>= 7;
    const isLast = (rest === 0 && low < 64) || (rest === -1 && low >= 64);
    bytes.push(isLast ? low : low + 128);
    if (isLast) return Buffer.from(bytes);
  }
}

function readUnsigned(bytes: Buffer, at: number): { readonly value: number; readonly next: number } {
  let value = 0;
  let next = at;
  for (let factor = 1; ; factor *= 128) {
    const byte = bytes[next++] ?? 0;
    value += (byte % 128) * factor;
    if (byte < 128) return { value, next };
  }
}

function sectionsOf(module: Buffer): readonly Section[] {
  const sections: Section[] = [];
  for (let at = 8; at < module.length;) {
    const { value: size, next } = readUnsigned(module, at + 1);
    sections.push({ id: module[at] ?? 0, content: module.subarray(next, next + size) });
    at = next + size;
  }
  return sections;
}

/** The vector of a section with more items at its end. */
function withMore(content: Buffer, items: readonly Buffer[]): Buffer {
  const { value: count, next } = readUnsigned(content, 0);
  return Buffer.concat([unsigned(count + items.length), content.subarray(next), ...items]);
}

function lastBody(content: Buffer): Buffer {
  let { value: count, next: at } = readUnsigned(content, 0);
  let body = content;
  for (; count > 0; count -= 1) {
    const { value: size, next } = readUnsigned(content, at);
    body = content.subarray(at, next + size);
    at = next + size;
  }
  return body;
}

export interface Padding {
  /** Of code, about. */
  readonly codeBytes: number;
  readonly dataBytes: number;
  /** Where the data lies in memory. */
  readonly dataAt: number;
}

/** The module must have a data section, and fewer than 128 types. */
export function padded(module: Uint8Array, { codeBytes, dataBytes, dataAt }: Padding): Uint8Array {
  const original = Buffer.from(module);
  const sections = sectionsOf(original);
  const code = sections.find(({ id }) => id === codeSection);
  if (code === undefined) throw new Error("the module has no code");
  const body = lastBody(code.content);
  const copies = Math.ceil(codeBytes / body.length);
  // Nothing that a compressor or the engine could leave out.
  let seed = 1;
  const data = Buffer.from(Uint8Array.from({ length: dataBytes }, () => (seed = (seed * 48_271) % 2_147_483_647)));
  const segment = Buffer.concat([
    Buffer.from([0, 0x41]),
    signed(dataAt),
    Buffer.from([0x0b]),
    unsigned(dataBytes),
    data,
  ]);
  const more: { readonly [id: number]: (content: Buffer) => Buffer } = {
    [functionSection]: (content) => withMore(content, Array(copies).fill(content.subarray(-1))),
    [codeSection]: (content) => withMore(content, Array(copies).fill(body)),
    [dataSection]: (content) => withMore(content, [segment]),
  };
  const parts = sections.map(({ id, content }) => {
    const changed = more[id]?.(content) ?? content;
    return Buffer.concat([Buffer.from([id]), unsigned(changed.length), changed]);
  });
  return Buffer.concat([original.subarray(0, 8), ...parts]);
}
