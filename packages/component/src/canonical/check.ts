/**
 * Generates checks that JavaScript values have a type. All parameters are checked before anything is lowered, so that a
 * wrong value leaves the guest untouched. A failed check only says no; `mismatch.ts` then finds out where and why.
 */
import type { ValueType } from "../types/value-type.ts";
import { access } from "./emitter.ts";
import type { Emitter } from "./emitter.ts";
import { caseTypes } from "./layout.ts";
import { variantTags } from "./lower.ts";
import { camelCase } from "./names.ts";
import { isNumber } from "./number-lists.ts";

/** A condition that is true if the value named `name` has the type. */
export function checkCode(emitter: Emitter, type: ValueType, name: string): string {
  switch (type.kind) {
    case "bool":
      return `typeof ${name} === "boolean"`;
    case "u8":
      return `typeof ${name} === "number" && (${name} & 255) === ${name}`;
    case "u16":
      return `typeof ${name} === "number" && (${name} & 65535) === ${name}`;
    case "u32":
    case "own":
    case "borrow":
      return `typeof ${name} === "number" && ${name} >>> 0 === ${name}`;
    case "s8":
      return `typeof ${name} === "number" && ${name} << 24 >> 24 === ${name}`;
    case "s16":
      return `typeof ${name} === "number" && ${name} << 16 >> 16 === ${name}`;
    case "s32":
      return `typeof ${name} === "number" && (${name} | 0) === ${name}`;
    case "u64":
      return `typeof ${name} === "bigint" && BigInt.asUintN(64, ${name}) === ${name}`;
    case "s64":
      return `typeof ${name} === "bigint" && BigInt.asIntN(64, ${name}) === ${name}`;
    case "f32":
    case "f64":
      return `typeof ${name} === "number"`;
    case "string":
      return `typeof ${name} === "string"`;
    case "char":
      return `${emitter.support("isChar")}(${name})`;
    case "enum":
      return `${emitter.constant(`T.indices(${JSON.stringify(type.cases)})`)}.has(${name})`;
    default:
      return `${emitter.helper("is", type, (helper) => checkHelper(emitter, type, helper))}(${name})`;
  }
}

type CompoundType = Extract<
  ValueType,
  { readonly kind: "list" | "record" | "tuple" | "variant" | "flags" | "option" | "result" }
>;

function checkHelper(emitter: Emitter, type: CompoundType, helper: string): void {
  emitter.line(`function ${helper}(v) {`);
  switch (type.kind) {
    case "record":
      checkMembers(
        emitter,
        type.fields.map((field) => [field.type, camelCase(field.name)]),
      );
      break;
    case "tuple":
      emitter.line(`if (!Array.isArray(v) || v.length !== ${type.items.length}) return false;`);
      checkMembers(
        emitter,
        type.items.map((item, index) => [item, index]),
      );
      break;
    case "flags":
      emitter.line('if (typeof v !== "object" || v === null) return false;');
      for (const flag of type.names) {
        const name = emitter.bind(access("v", camelCase(flag)));
        emitter.line(`if (${name} !== undefined && typeof ${name} !== "boolean") return false;`);
      }
      break;
    case "list":
      checkList(emitter, type.element);
      break;
    case "variant":
    case "option":
    case "result":
      checkVariant(emitter, type);
      break;
  }
  emitter.line("return true;");
  emitter.line("}");
}

function checkMembers(emitter: Emitter, members: readonly (readonly [ValueType, string | number])[]): void {
  emitter.line('if (typeof v !== "object" || v === null) return false;');
  for (const [type, key] of members) {
    const name = emitter.bind(access("v", key));
    emitter.line(`if (!(${checkCode(emitter, type, name)})) return false;`);
  }
}

function checkList(emitter: Emitter, element: ValueType): void {
  if (isNumber(element)) {
    emitter.line(`if (v instanceof ${emitter.constant(`T.numberArrays.${element.kind}`)}) return true;`);
  }
  emitter.line("if (!Array.isArray(v)) return false;");
  emitter.block("for (let i = 0; i < v.length; i++) {", "}", () => {
    emitter.line("const e = v[i];");
    emitter.line(`if (!(${checkCode(emitter, element, "e")})) return false;`);
  });
}

function checkVariant(emitter: Emitter, type: Extract<CompoundType, { kind: "variant" | "option" | "result" }>): void {
  if (type.kind === "option" && type.some.kind !== "option") {
    emitter.line(`if (v !== undefined && !(${checkCode(emitter, type.some, "v")})) return false;`);
    return;
  }
  emitter.line('if (typeof v !== "object" || v === null) return false;');
  emitter.line("const e = v.val;");
  const cases = caseTypes(type) ?? [];
  emitter.block("switch (v.tag) {", "}", () => {
    for (const [index, tag] of variantTags(type).entries()) {
      const one = cases[index];
      const check = one === undefined ? "e === undefined" : checkCode(emitter, one, "e");
      emitter.line(`case ${JSON.stringify(tag)}: if (!(${check})) return false; break;`);
    }
    emitter.line("default: return false;");
  });
}
