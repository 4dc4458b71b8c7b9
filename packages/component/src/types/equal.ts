import type { Case, Field, FunctionType, ValueType } from "./value-type.ts";

function equalMembers(left: readonly (Field | Case)[], right: readonly (Field | Case)[]): boolean {
  return (
    left.length === right.length &&
    left.every((each, index) => {
      const other = right[index];
      return other !== undefined && each.name === other.name && equalOptional(each.type, other.type);
    })
  );
}

function equalNames(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((each, index) => each === right[index]);
}

function equalOptional(left: ValueType | undefined, right: ValueType | undefined): boolean {
  return left === undefined || right === undefined ? left === right : equalTypes(left, right);
}

/**
 * Whether two value types are equal. Handles are equal when they refer to the same resource variable, so both types
 * must belong to one component definition.
 */
export function equalTypes(left: ValueType, right: ValueType): boolean {
  if (left === right) return true;
  if (left.kind === "list" && right.kind === "list") return equalTypes(left.element, right.element);
  if (left.kind === "option" && right.kind === "option") return equalTypes(left.some, right.some);
  if (left.kind === "record" && right.kind === "record") return equalMembers(left.fields, right.fields);
  if (left.kind === "variant" && right.kind === "variant") return equalMembers(left.cases, right.cases);
  if (left.kind === "enum" && right.kind === "enum") return equalNames(left.cases, right.cases);
  if (left.kind === "flags" && right.kind === "flags") return equalNames(left.names, right.names);
  if (left.kind === "result" && right.kind === "result") {
    return equalOptional(left.ok, right.ok) && equalOptional(left.err, right.err);
  }
  if (left.kind === "tuple" && right.kind === "tuple") {
    return (
      left.items.length === right.items.length && left.items.every((each, i) => equalOptional(each, right.items[i]))
    );
  }
  if ("resource" in left && "resource" in right) return left.kind === right.kind && left.resource === right.resource;
  return left.kind === right.kind;
}

/** Whether two function types are equal, names of parameters included. */
export function equalFunctionTypes(left: FunctionType, right: FunctionType): boolean {
  return equalMembers(left.parameters, right.parameters) && equalOptional(left.result, right.result);
}
