/** Bounds the tables of a module: one that grows without a bound takes the memory of the host. */
import { readBounds } from "../decode/core/externs.ts";
import { skipConstantExpression } from "../decode/core/constant-expression.ts";
import { namerOf, readCoreValueType } from "../decode/core/types.ts";
import { invalid, Reader } from "../decode/reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import type { Section } from "./sections.ts";

/** Marks a table whose entries have an initial value. */
const initialized = 0x40;

export interface TableLimits {
  readonly entriesMax: number;
  /** Of types, for the elements. */
  readonly typeSpace: readonly number[];
  /** Appended as they are. */
  readonly added: readonly (readonly number[])[];
}

/** The content of the table section in which no table has more than `entriesMax`; a module that begins with more is refused. */
export function limitedTables(bytes: Uint8Array, existing: Section | undefined, limits: TableLimits): Uint8Array {
  const { entriesMax, typeSpace, added } = limits;
  const reader = new Reader(bytes, existing?.start ?? 0, existing?.end ?? 0);
  const count = existing === undefined ? 0 : reader.u32();
  const output = new ByteWriter(reader.end - reader.position + count * 8 + 64);
  output.u32(count + added.length);
  for (let table = 0; table < count; table++) {
    const start = reader.position;
    const hasValue = reader.peek() === initialized;
    if (hasValue) reader.skip(2);
    readCoreValueType(reader, namerOf(typeSpace));
    const boundsAt = reader.position;
    const { minimum, maximum, is64, shared } = readBounds(reader, false);
    if (minimum > BigInt(entriesMax)) {
      invalid(`table of ${minimum} entries exceeds the limit of ${entriesMax} entries`, boundsAt);
    }
    output.copy(bytes, start, boundsAt);
    output.byte(1 | (shared ? 2 : 0) | (is64 ? 4 : 0));
    output.u32(Number(minimum));
    output.u32(maximum === undefined || maximum > BigInt(entriesMax) ? entriesMax : Number(maximum));
    const valueAt = reader.position;
    if (hasValue) skipConstantExpression(reader);
    output.copy(bytes, valueAt, reader.position);
  }
  for (const table of added) output.append(table);
  return output.finish();
}
