/** The expressions that initialize globals, tables and segments. */
import { malformed, unsupported } from "../reader.ts";
import type { Reader } from "../reader.ts";

function skipGcInstruction(reader: Reader, offset: number): void {
  switch (reader.u32()) {
    case 0x00: // struct.new
    case 0x01: // struct.new_default
    case 0x06: // array.new
    case 0x07: // array.new_default
      return void reader.u32();
    case 0x08: // array.new_fixed
      reader.u32();
      return void reader.u32();
    case 0x1a: // any.convert_extern
    case 0x1b: // extern.convert_any
    case 0x1c: // ref.i31
      return;
    default:
      unsupported("instruction in a constant expression", offset);
  }
}

/** Passes over one constant expression, including its `end`. */
export function skipConstantExpression(reader: Reader): void {
  for (;;) {
    const offset = reader.position;
    switch (reader.byte()) {
      case 0x0b: // end
        return;
      case 0x41: // i32.const
        reader.skipInteger(32);
        break;
      case 0x42: // i64.const
        reader.skipInteger(64);
        break;
      case 0x43: // f32.const
        reader.skip(4);
        break;
      case 0x44: // f64.const
        reader.skip(8);
        break;
      case 0x23: // global.get
      case 0xd2: // ref.func
        reader.u32();
        break;
      case 0xd0: // ref.null
        reader.s33();
        break;
      case 0x6a: // i32.add, i32.sub, i32.mul
      case 0x6b:
      case 0x6c:
      case 0x7c: // i64.add, i64.sub, i64.mul
      case 0x7d:
      case 0x7e:
        break;
      case 0xfb:
        skipGcInstruction(reader, offset);
        break;
      case 0xfd:
        if (reader.u32() !== 0x0c) malformed("instruction is not allowed in a constant expression", offset);
        reader.skip(16);
        break;
      default:
        malformed("instruction is not allowed in a constant expression", offset);
    }
  }
}
