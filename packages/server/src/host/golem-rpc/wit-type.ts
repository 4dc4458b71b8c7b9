/** golem:rpc's `wit-type`: a type as a list of nodes that point to each other by position, the root first. */
import { enumeration, list, option, record, s32, string, tuple, u64, variant } from "../../durability/codec/schema.ts";
import type { Schema } from "../../durability/codec/schema.ts";
import { witValue } from "./wit-value.ts";

const positions: Schema<ArrayLike<number>> = { type: { kind: "list", element: { kind: "s32" } } };

const witTypeNode = variant({
  "record-type": list(tuple(string, s32)),
  "variant-type": list(tuple(string, option(s32))),
  "enum-type": list(string),
  "flags-type": list(string),
  "tuple-type": positions,
  "list-type": s32,
  "option-type": s32,
  "result-type": tuple(option(s32), option(s32)),
  "prim-u8-type": undefined,
  "prim-u16-type": undefined,
  "prim-u32-type": undefined,
  "prim-u64-type": undefined,
  "prim-s8-type": undefined,
  "prim-s16-type": undefined,
  "prim-s32-type": undefined,
  "prim-s64-type": undefined,
  "prim-f32-type": undefined,
  "prim-f64-type": undefined,
  "prim-char-type": undefined,
  "prim-bool-type": undefined,
  "prim-string-type": undefined,
  "handle-type": tuple(u64, enumeration("owned", "borrowed")),
});

export const valueAndType = record({ value: witValue, typ: record({ nodes: list(witTypeNode) }) });
