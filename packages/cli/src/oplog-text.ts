/** Entries of oplogs as text (spec/service.md §11.2): `#00001: CREATE`, and the fields below, indented. */
import type { IndexedOplogEntry, Json, TypedValue } from "@emet/contract/client";
import { valueText } from "./invocation-values.ts";
import { paint } from "./output/style.ts";
import { fields } from "./output/text.ts";
import type { Field } from "./output/text.ts";

const labels: { readonly [type: string]: string } = {
  ImportedFunctionInvoked: "CALL",
  ExportedFunctionInvoked: "INVOKE",
  ExportedFunctionCompleted: "INVOKE COMPLETED",
  NoOp: "NOP",
  SuccessfulUpdate: "SUCCESSFUL UPDATE",
  FailedUpdate: "FAILED UPDATE",
  PendingUpdate: "ENQUEUED UPDATE",
};

/** `BeginAtomicRegion` → `BEGIN ATOMIC REGION`. */
function label(entry: IndexedOplogEntry["entry"]): string {
  if (entry.type === "PendingWorkerInvocation") {
    const { type } = entry["invocation"] as { readonly type?: string };
    return type === "ManualUpdate" ? "ENQUEUED MANUAL UPDATE" : "ENQUEUED INVOCATION";
  }
  return labels[entry.type] ?? entry.type.replaceAll(/([a-z])([A-Z])/gu, "$1 $2").toUpperCase();
}

export function entryText({ oplogIndex, entry }: IndexedOplogEntry): string {
  const { type: _type, timestamp, ...rest } = entry;
  const list: Field[] = [
    ["at", timestamp],
    ...Object.entries(rest).map(([name, value]): Field => [words(name), fieldText(value)]),
  ];
  const body = fields(list)
    .split("\n")
    .map((line) => `          ${line}`)
    .join("\n");
  return `${paint("bold", `#${String(oplogIndex).padStart(5, "0")}:`)} ${paint("cyan", label(entry))}\n${body}`;
}

function words(name: string): string {
  return name.replaceAll("_", " ");
}

function isTyped(value: Json): value is Json & TypedValue {
  return typeof value === "object" && value !== null && "typ" in value && "value" in value;
}

function isOne({ typ }: TypedValue): boolean {
  return typ.type === "Tuple" && typ.items.length === 1;
}

/** Values as WAVE; objects as their members; empty ones aren't shown. */
function fieldText(value: Json): string | readonly string[] | undefined {
  if (value === null || value === undefined) return undefined;
  // Results come as a tuple of them, and there is one at most.
  if (isTyped(value))
    return valueText(value).replace(/^\((.*)\)$/su, (text, inner: string) => (isOne(value) ? inner : text));
  if (Array.isArray(value)) {
    const list = value as readonly Json[];
    const isBytes = list.length > 0 && list.every((item) => typeof item === "number");
    return isBytes ? `${list.length} bytes` : list.map((item) => [fieldText(item) ?? "–"].flat().join(", "));
  }
  if (typeof value === "string") return value === "" ? undefined : value.trimEnd();
  if (typeof value !== "object") return String(value);
  const { type, ...others } = value as { readonly [name: string]: Json };
  if (typeof type === "string" && Object.keys(others).length === 0) return type;
  const members = Object.entries(value).flatMap(([name, item]) => {
    const text = fieldText(item);
    return text === undefined || text.length === 0 ? [] : [`${words(name)}: ${[text].flat().join(", ")}`];
  });
  return members.length === 0 ? undefined : members;
}
