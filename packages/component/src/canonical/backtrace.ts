/** Guest frames found in a JavaScript stack text. */

/** One frame of guest code. */
export interface GuestFrame {
  /** Name of the module in its name section, or V8's hash of it. */
  readonly module: string;
  /** Name of the function in the name section, when it has one. */
  readonly name: string | undefined;
  readonly functionIndex: number;
  /** Byte offset in the module. */
  readonly offset: number;
}

// `    at name (wasm://wasm/module-0a1b2c3d:wasm-function[12]:0x1f)`, without name when the module has none.
const framePattern = /^\s*at (?:(.*) \()?wasm:\/\/wasm\/(.+):wasm-function\[(\d+)\]:0x([0-9a-f]+)\)?$/;

/** The frames of guest code in a stack text, innermost first; host frames in between are left out. */
export function parseFrames(stack: string | undefined): readonly GuestFrame[] {
  const frames: GuestFrame[] = [];
  for (const line of (stack ?? "").split("\n")) {
    const match = framePattern.exec(line);
    if (match === null) continue;
    const [, name, url = "", index = "", offset = ""] = match;
    frames.push({
      module: url.replace(/-[0-9a-f]{8,}$/, ""),
      name: name === undefined ? undefined : functionName(name),
      functionIndex: Number(index),
      offset: Number.parseInt(offset, 16),
    });
  }
  return frames;
}

// V8 writes `module.function` where the module has a name; Rust's and C++'s own names contain no lone dot before `::`.
function functionName(text: string): string {
  const match = /^[\w-]+\.wasm\.(.+)$/.exec(text);
  return match?.[1] ?? text;
}

/** The text that wasmtime prints for a trap: numbered frames, then the cause. */
export function describeFrames(frames: readonly GuestFrame[], reason: string): string {
  const lines = frames.map(({ module, name, functionIndex, offset }, index) => {
    const where = name ?? `<wasm function ${functionIndex}>`;
    return `${String(index).padStart(5)}: 0x${offset.toString(16)} - ${module}!${where}`;
  });
  return ["error while executing at wasm backtrace:", ...lines, "", "Caused by:", `    ${reason}`].join("\n");
}
