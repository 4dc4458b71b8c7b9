/** Generates code that lowers values: JavaScript values, already checked, to core values. */
import type { ValueType } from "../types/value-type.ts";
import { caseTypes, flagsWords, layoutOf } from "./layout.ts";
import type { Lifted } from "./lift.ts";
import { asExpression, memberOf } from "./lift.ts";
import { camelCase } from "./names.ts";
import { isNumber } from "./number-lists.ts";
import type { ScalarKind } from "./reader.ts";
import type { SideNames } from "./side-names.ts";
import { inlineWeightMax, resourceName, weightOf } from "./side-names.ts";
import type { Writer } from "./writer.ts";
import { memoryWriter } from "./writer.ts";

const lowerString = { utf8: "lowerUtf8", utf16: "lowerUtf16", "latin1+utf16": "lowerLatin1OrUtf16" } as const;

/** A value on its way down, and where it goes. */
export interface Lowering {
  readonly value: Lifted;
  readonly writer: Writer;
}

/** Emits the code that lowers one value. */
export function lowerValue(names: SideNames, type: ValueType, { value, writer }: Lowering): void {
  const { emitter } = names;
  if (writer.address !== undefined && weightOf(type) > inlineWeightMax) {
    lowerByHelper(names, type, { value, writer });
    return;
  }
  const name = (): string => emitter.bind(asExpression(value));
  switch (type.kind) {
    case "record":
      lowerMembers(
        names,
        type.fields.map((field) => [field.type, camelCase(field.name)]),
        { value, writer },
      );
      return;
    case "tuple":
      lowerMembers(
        names,
        type.items.map((item, index) => [item, index]),
        { value, writer },
      );
      return;
    case "string":
      lowerPair(
        names,
        `${emitter.support(lowerString[names.encoding])}(${names.side}, ${asExpression(value)})`,
        writer,
      );
      return;
    case "list":
      lowerList(names, type.element, { value, writer });
      return;
    case "char":
      writer.scalar("u32", `${name()}.codePointAt(0)`);
      return;
    case "flags":
      lowerFlags(names, type.names, { value, writer });
      return;
    case "enum":
      writer
        .variant(type.cases.map(() => undefined))
        .discriminant(`${emitter.constant(`T.indices(${JSON.stringify(type.cases)})`)}.get(${asExpression(value)})`);
      return;
    case "variant":
    case "option":
    case "result":
      lowerVariant(names, type, { value, writer });
      return;
    case "own":
    case "borrow":
      lowerHandle(names, type, { value, writer });
      return;
    default:
      writer.scalar(type.kind satisfies ScalarKind, name());
  }
}

function lowerByHelper(names: SideNames, type: ValueType, { value, writer }: Lowering): void {
  const { emitter } = names;
  const helper = emitter.helper(`store_${names.side}_`, type, (helperName) => {
    emitter.line(`function ${helperName}(v, p) {`);
    const place = memoryWriter(emitter, { memory: names.memory, base: "p", offset: 0 });
    // Without the address the value itself does not come here again, only its members do.
    lowerValue(names, type, { value: { code: "v" }, writer: { ...place, address: undefined } });
    emitter.line("}");
  });
  emitter.line(`${helper}(${asExpression(value)}, ${writer.address});`);
}

function lowerMembers(
  names: SideNames,
  members: readonly (readonly [ValueType, string | number])[],
  { value, writer }: Lowering,
): void {
  const base = "code" in value ? { code: names.emitter.bind(value.code) } : value;
  const writers = writer.members(members.map(([type]) => type));
  for (const [index, [type, key]] of members.entries()) {
    lowerValue(names, type, { value: memberOf(base, index, key), writer: writers[index] ?? writer });
  }
}

// The length comes back in a field of the side and must be read before the next allocation.
function lowerPair(names: SideNames, call: string, writer: Writer): void {
  const pointer = names.emitter.bind(call);
  const length = names.emitter.bind(`${names.side}.length`);
  writer.pair(pointer, length);
}

function lowerList(names: SideNames, element: ValueType, { value, writer }: Lowering): void {
  const { emitter, side } = names;
  if (isNumber(element)) {
    const array = emitter.constant(`T.numberArrays.${element.kind}`);
    const lower = emitter.support("lowerNumbers");
    lowerPair(names, `${lower}(${side}, ${array}, ${asExpression(value)})`, writer);
    return;
  }
  const list = emitter.bind(asExpression(value));
  const count = emitter.bind(`${list}.length`);
  const { size, alignment } = layoutOf(element);
  const pointer = emitter.bind(`${side}.allocate(${alignment}, ${count} * ${size})`);
  const index = emitter.name("i");
  const at = emitter.name("p");
  emitter.block(
    `for (let ${index} = 0, ${at} = ${pointer}; ${index} < ${count}; ${index}++, ${at} += ${size}) {`,
    "}",
    () => {
      const place = memoryWriter(emitter, { memory: names.memory, base: at, offset: 0 });
      lowerValue(names, element, { value: { code: `${list}[${index}]` }, writer: place });
    },
  );
  writer.pair(pointer, count);
}

function lowerFlags(names: SideNames, flags: readonly string[], { value, writer }: Lowering): void {
  const base = "code" in value ? { code: names.emitter.bind(value.code) } : value;
  const words: string[] = [];
  for (let word = 0; word < flagsWords(flags.length); word++) {
    const bits = flags.slice(word * 32, word * 32 + 32).map((flag, bit) => {
      const member = memberOf(base, word * 32 + bit, camelCase(flag));
      return `(${asExpression(member)} ? ${1 << bit} : 0)`;
    });
    words.push(names.emitter.bind(bits.join(" | ")));
  }
  writer.flags(flags.length, words);
}

type VariantType = Extract<ValueType, { readonly kind: "variant" | "option" | "result" }>;

function lowerVariant(names: SideNames, type: VariantType, { value, writer }: Lowering): void {
  const { emitter } = names;
  const cases = caseTypes(type) ?? [];
  const parts = writer.variant(cases);
  const name = emitter.bind(asExpression(value));
  const plain = type.kind === "option" && type.some.kind !== "option";
  const lowerCase = (index: number): void => {
    const one = cases[index];
    parts.discriminant(String(index));
    if (one === undefined) return;
    lowerValue(names, one, { value: { code: plain ? name : `${name}.val` }, writer: parts.payload() });
  };
  if (plain) {
    emitter.block(`if (${name} === undefined) {`, "}", () => lowerCase(0));
    emitter.block("else {", "}", () => lowerCase(1));
    return;
  }
  emitter.block(`switch (${name}.tag) {`, "}", () => {
    for (const [index, tag] of variantTags(type).entries()) {
      emitter.block(`case ${JSON.stringify(tag)}: {`, "break; }", () => lowerCase(index));
    }
  });
}

/** The tags of a variant's cases in JavaScript. */
export function variantTags(type: VariantType): readonly string[] {
  if (type.kind === "variant") return type.cases.map((one) => one.name);
  return type.kind === "option" ? ["none", "some"] : ["ok", "err"];
}

function lowerHandle(
  names: SideNames,
  type: Extract<ValueType, { readonly kind: "own" | "borrow" }>,
  { value, writer }: Lowering,
): void {
  const { emitter, handles, side } = names;
  const resource = resourceName(names, type.resource);
  const lowered =
    type.kind === "own"
      ? `${handles}.add(${emitter.constant(`${resource}.id`)}, ${asExpression(value)})`
      : `${side}.lowerBorrow(${resource}, ${asExpression(value)})`;
  // Bound first: adding a handle must not happen in the middle of an expression that is evaluated twice.
  writer.scalar("u32", emitter.bind(lowered));
}
