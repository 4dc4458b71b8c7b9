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

/** Writes the module `bytes` with other contents for some sections; undefined leaves a section out. */
export function joinSections(
  bytes: Uint8Array,
  sections: readonly Section[],
  changed: ReadonlyMap<number, Uint8Array | undefined>,
): Uint8Array<ArrayBuffer> {
  const output = new ByteWriter(bytes.length + bytes.length / 8 + 1024);
  output.copy(bytes, 0, 8);
  const waiting = order.filter((id) => changed.has(id));
  const write = (id: number): void => {
    const content = changed.get(id);
    if (content === undefined) return;
    output.byte(id);
    output.u32(content.length);
    output.append(content);
  };
  for (const section of sections) {
    const place = order.indexOf(section.id);
    while (section.id !== 0 && waiting.length > 0 && order.indexOf(waiting[0] ?? 0) < place)
      write(waiting.shift() ?? 0);
    if (waiting[0] === section.id) {
      write(waiting.shift() ?? 0);
    } else if (!changed.has(section.id) && !isDropped(bytes, section)) {
      output.byte(section.id);
      output.u32(section.end - section.start);
      output.copy(bytes, section.start, section.end);
    }
  }
  for (const id of waiting) write(id);
  return output.finish();
}
