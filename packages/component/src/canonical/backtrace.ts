/** Guest frames found in a JavaScript stack text. */

/** One frame of guest code. */
export interface GuestFrame {
  /** Name of the module in its name section, when it has one. */
  readonly module: string | undefined;
  /** Name of the function in the name section, when it has one. */
  readonly name: string | undefined;
  readonly functionIndex: number;
  /** Byte offset in the module. */
  readonly offset: number;
}

/** Name of the modules that this package puts between guest and host; their frames are nobody's concern. */
export const helperModuleName = "$emet";

// `    at name (wasm://wasm/module-0a1b2c3d:wasm-function[12]:0x1f)`, without name when the module has none.
const framePattern = /^\s*at (?:(.*) \()?wasm:\/\/wasm\/(.+):wasm-function\[(\d+)\]:0x([0-9a-f]+)\)?$/;

/** The frames of guest code in a stack text, innermost first; host frames in between are left out. */
export function parseFrames(stack: string | undefined): readonly GuestFrame[] {
  const frames: GuestFrame[] = [];
  for (const line of (stack ?? "").split("\n")) {
    const match = framePattern.exec(line);
    if (match === null) continue;
    const [, name, url = "", index = "", offset = ""] = match;
    const module = moduleName(url);
    if (module === helperModuleName) continue;
    frames.push({
      module,
      // V8 gives the module's name alone where a function has none.
      name: name === undefined || name === module ? undefined : functionName(name, module),
      functionIndex: Number(index),
      offset: Number.parseInt(offset, 16),
    });
  }
  return frames;
}

// V8 writes a hash of the module, after the module's name when it has one.
function moduleName(url: string): string | undefined {
  const match = /^(.+)-[0-9a-f]{8}$/.exec(url);
  return match?.[1];
}

// V8 writes `module.function` where the module has a name.
function functionName(text: string, module: string | undefined): string {
  const prefix = `${module}.`;
  return demangle(text.startsWith(prefix) ? text.slice(prefix.length) : text);
}

const rustEscapes: { readonly [code: string]: string } = {
  SP: "@",
  BP: "*",
  RF: "&",
  LT: "<",
  GT: ">",
  LP: "(",
  RP: ")",
  C: ",",
};

/** Makes a name such as `_ZN4core9panicking9panic_fmt17ha205abd047e5f21cE` readable; other names stay as they are. */
function demangle(name: string): string {
  if (!/^_ZN(\d+).*E$/.test(name)) return name;
  const parts: string[] = [];
  let rest = name.slice(3, -1);
  for (let match = /^\d+/.exec(rest); match !== null; match = /^\d+/.exec(rest)) {
    const start = match[0].length;
    const end = start + Number(match[0]);
    parts.push(rest.slice(start, end));
    rest = rest.slice(end);
  }
  if (rest !== "") return name;
  return parts
    .filter((part) => !/^h[0-9a-f]{16}$/.test(part))
    .map((part) =>
      part
        .replace(/^_(?=\$)/, "")
        .replaceAll(/\$u([0-9a-f]+)\$/g, (_all, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
        .replaceAll(/\$([A-Z]+)\$/g, (all, code: string) => rustEscapes[code] ?? all)
        .replaceAll("..", "::"),
    )
    .join("::");
}

/** The text that wasmtime prints for a trap: numbered frames, then the cause. */
export function describeFrames(frames: readonly GuestFrame[], reason: string): string {
  const lines = frames.map(({ module, name, functionIndex, offset }, index) => {
    const where = name ?? `<wasm function ${functionIndex}>`;
    return `${String(index).padStart(5)}: 0x${offset.toString(16)} - ${module ?? "<unknown>"}!${where}`;
  });
  return ["error while executing at wasm backtrace:", ...lines, "", "Caused by:", `    ${reason}`].join("\n");
}
