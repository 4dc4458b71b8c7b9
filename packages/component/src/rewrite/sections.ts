/** Takes a module apart into sections and puts it together again. */
import { Reader } from "../decode/reader.ts";
import { readModulePreamble, sectionOrderCheck } from "../decode/core/module.ts";
import { ByteWriter } from "./byte-writer.ts";

/** Contents of one section, without id and size. */
export interface Section {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

export const sectionId = {
  custom: 0,
  type: 1,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  code: 10,
} as const;

/** The order in which sections must stand. */
const order = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

/** Finds the sections of a module. */
export function splitSections(bytes: Uint8Array): Section[] {
  const reader = new Reader(bytes);
  readModulePreamble(reader);
  const check = sectionOrderCheck();
  const sections: Section[] = [];
  while (!reader.done) {
    const offset = reader.position;
    const id = reader.byte();
    const { position, end } = reader.section(reader.u32());
    check(id, offset);
    sections.push({ id, start: position, end });
  }
  return sections;
}

/**
 * Custom sections that speak of positions in the code, which change: debug information and hints for the engine.
 */
function isDropped(bytes: Uint8Array, section: Section): boolean {
  if (section.id !== sectionId.custom) return false;
  const name = new Reader(bytes, section.start, section.end).name();
  return name.startsWith(".debug_") || name.startsWith("metadata.code.") || name === "sourceMappingURL";
}

/** What `joinSections` changes. */
export interface Changes {
  /** New contents by section id; undefined leaves a section out. */
  readonly changed: ReadonlyMap<number, Uint8Array | undefined>;
  /** Content of a custom section that is put before the code. */
  readonly beforeCode: Uint8Array;
}

/** Writes the module `bytes` with other contents for some sections. */
export function joinSections(
  bytes: Uint8Array,
  sections: readonly Section[],
  { changed, beforeCode }: Changes,
): Uint8Array<ArrayBuffer> {
  const output = new ByteWriter(bytes.length + bytes.length / 8 + 1024);
  output.copy(bytes, 0, 8);
  const write = (id: number, content: Uint8Array): void => {
    output.byte(id);
    output.u32(content.length);
    output.append(content);
  };
  const waiting = order.filter((id) => changed.has(id));
  const writeNext = (): void => {
    const id = waiting.shift() ?? sectionId.custom;
    const content = changed.get(id);
    if (id === sectionId.code) write(sectionId.custom, beforeCode);
    if (content !== undefined) write(id, content);
  };
  for (const section of sections) {
    const place = order.indexOf(section.id);
    while (waiting.length > 0 && order.indexOf(waiting[0] ?? 0) < place) writeNext();
    if (waiting[0] === section.id) writeNext();
    else if (!changed.has(section.id) && !isDropped(bytes, section)) {
      write(section.id, bytes.subarray(section.start, section.end));
    }
  }
  while (waiting.length > 0) writeNext();
  return output.finish();
}
