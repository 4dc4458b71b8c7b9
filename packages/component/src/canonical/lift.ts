/** Generates code that lifts values: core values to JavaScript values. */
import type { ValueType } from "../types/value-type.ts";
import type { Emitter } from "./emitter.ts";
import { access } from "./emitter.ts";
import { caseTypes, layoutOf } from "./layout.ts";
import { camelCase } from "./names.ts";
import { isNumber } from "./number-lists.ts";
import type { Reader, ScalarKind } from "./reader.ts";
import { memoryReader } from "./reader.ts";
import type { SideNames } from "./side-names.ts";
import { inlineWeightMax, resourceName, weightOf } from "./side-names.ts";

/**
 * A lifted value in generated code: the name of a JavaScript value, or the members of a record or tuple, which becomes
 * an object only where the host needs one. In a call between components the members go on one by one.
 */
export type Lifted =
  | { readonly code: string }
  | { readonly members: readonly Lifted[]; readonly keys: readonly string[] | undefined };

/** An expression for a lifted value. */
export function asExpression(value: Lifted): string {
  if ("code" in value) return value.code;
  const members = value.members.map(asExpression);
  const { keys } = value;
  if (keys === undefined) return `[${members.join(", ")}]`;
  return `{ ${members.map((member, index) => `${JSON.stringify(keys[index])}: ${member}`).join(", ")} }`;
}

/** The member of a lifted record or tuple. */
export function memberOf(value: Lifted, index: number, key: string | number): Lifted {
  if ("code" in value) return { code: access(value.code, key) };
  const member = value.members[index];
  if (member === undefined) throw new Error("Can't take a member of a lifted value: it has fewer");
  return member;
}

const liftString = { utf8: "liftUtf8", utf16: "liftUtf16", "latin1+utf16": "liftLatin1OrUtf16" } as const;

/** Emits the code that lifts one value. */
export function liftValue(names: SideNames, type: ValueType, reader: Reader): Lifted {
  const { emitter } = names;
  if (reader.address !== undefined && weightOf(type) > inlineWeightMax)
    return liftByHelper(names, type, reader.address);
  const code = (expression: string): Lifted => ({ code: emitter.bind(expression) });
  switch (type.kind) {
    case "record":
      return liftMembers(
        names,
        type.fields.map((field) => field.type),
        {
          reader,
          keys: type.fields.map((field) => camelCase(field.name)),
        },
      );
    case "tuple":
      return liftMembers(names, type.items, { reader, keys: undefined });
    case "string": {
      const [pointer, length] = reader.pair();
      return code(`${emitter.support(liftString[names.encoding])}(${names.memory}, ${pointer}, ${length})`);
    }
    case "list":
      return liftList(names, type.element, reader);
    case "char":
      return code(`${emitter.support("liftChar")}(${reader.scalar("u32")})`);
    case "flags":
      return liftFlags(emitter, type.names, reader);
    case "enum":
      return liftEnum(emitter, type.cases, reader);
    case "variant":
    case "option":
    case "result":
      return liftVariant(names, type, reader);
    case "own":
    case "borrow":
      return liftHandle(names, type, reader);
    default:
      return code(reader.scalar(type.kind satisfies ScalarKind));
  }
}

function liftByHelper(names: SideNames, type: ValueType, address: string): Lifted {
  const { emitter } = names;
  const helper = emitter.helper(`load_${names.side}_`, type, (name) => {
    emitter.line(`function ${name}(p) {`);
    // The members are lifted by the ordinary rules; without the address the value itself does not come here again.
    const inner = liftValue(names, type, { ...memoryReader(names.memory, "p"), address: undefined });
    emitter.line(`return ${asExpression(inner)};`);
    emitter.line("}");
  });
  return { code: emitter.bind(`${helper}(${address})`) };
}

function liftMembers(
  names: SideNames,
  types: readonly ValueType[],
  { reader, keys }: { readonly reader: Reader; readonly keys: readonly string[] | undefined },
): Lifted {
  const readers = reader.members(types);
  const members = types.map((type, index) => liftValue(names, type, readers[index] ?? reader));
  return { members, keys };
}

function liftList(names: SideNames, element: ValueType, reader: Reader): Lifted {
  const { emitter } = names;
  const pair = reader.pair();
  if (isNumber(element)) {
    const lift = emitter.support(names.views ? "viewNumbers" : "liftNumbers");
    const array = emitter.constant(`T.numberArrays.${element.kind}`);
    return { code: emitter.bind(`${lift}(${names.side}, ${array}, ${pair[0]}, ${pair[1]})`) };
  }
  const pointer = emitter.bind(pair[0]);
  const count = emitter.bind(pair[1]);
  const { size, alignment } = layoutOf(element);
  emitter.line(`${names.side}.checkElements(${pointer}, ${count}, ${alignment}, ${size});`);
  const list = emitter.bind(`new Array(${count})`);
  const index = emitter.name("i");
  const at = emitter.name("p");
  emitter.block(
    `for (let ${index} = 0, ${at} = ${pointer}; ${index} < ${count}; ${index}++, ${at} += ${size}) {`,
    "}",
    () => {
      const value = liftValue(names, element, memoryReader(names.memory, at));
      emitter.line(`${list}[${index}] = ${asExpression(value)};`);
    },
  );
  return { code: list };
}

function liftFlags(emitter: Emitter, flags: readonly string[], reader: Reader): Lifted {
  const words = reader.flags(flags.length).map((word) => emitter.bind(word));
  const members = flags.map((_flag, index) => ({
    code: `(${words[index >>> 5]} & ${1 << (index & 31)}) !== 0`,
  }));
  return { members, keys: flags.map(camelCase) };
}

function liftEnum(emitter: Emitter, cases: readonly string[], reader: Reader): Lifted {
  const all = emitter.constant(JSON.stringify(cases));
  const name = emitter.bind(`${all}[${reader.variant(cases.map(() => undefined)).discriminant}]`);
  emitter.line(`if (${name} === undefined) ${emitter.support("badDiscriminant")}();`);
  return { code: name };
}

type VariantType = Extract<ValueType, { readonly kind: "variant" | "option" | "result" }>;

function liftVariant(names: SideNames, type: VariantType, reader: Reader): Lifted {
  const { emitter } = names;
  const cases = caseTypes(type) ?? [];
  const { discriminant, payload } = reader.variant(cases);
  const result = emitter.name("v");
  emitter.line(`let ${result};`);
  emitter.block(`switch (${discriminant}) {`, "}", () => {
    for (const [index, one] of cases.entries()) {
      emitter.block(`case ${index}: {`, "break; }", () => {
        const value = one === undefined ? undefined : asExpression(liftValue(names, one, payload(index)));
        emitter.line(`${result} = ${caseValue(type, index, value)};`);
      });
    }
    emitter.line(`default: ${emitter.support("badDiscriminant")}();`);
  });
  return { code: result };
}

/** The JavaScript form of one case; `value` is absent for a case without payload. */
function caseValue(type: VariantType, index: number, value: string | undefined): string {
  switch (type.kind) {
    case "option":
      if (type.some.kind === "option") return index === 0 ? '{ tag: "none" }' : `{ tag: "some", val: ${value} }`;
      return index === 0 ? "undefined" : `${value}`;
    case "result":
      return `{ tag: "${index === 0 ? "ok" : "err"}", val: ${value} }`;
    case "variant": {
      const tag = JSON.stringify(type.cases[index]?.name);
      return value === undefined ? `{ tag: ${tag} }` : `{ tag: ${tag}, val: ${value} }`;
    }
  }
}

function liftHandle(
  names: SideNames,
  type: Extract<ValueType, { readonly kind: "own" | "borrow" }>,
  reader: Reader,
): Lifted {
  const { emitter, handles } = names;
  const id = emitter.constant(`${resourceName(names, type.resource)}.id`);
  const index = emitter.bind(reader.scalar("u32"));
  if (type.kind === "own") return { code: emitter.bind(`${handles}.takeOwned(${id}, ${index})`) };
  if (emitter.inBlock) return { code: emitter.bind(`${handles}.lendListed(${id}, ${index})`) };
  names.lent.push(index);
  return { code: emitter.bind(`${handles}.lend(${id}, ${index})`) };
}
