/** wasi:http's `fields`: headers and trailers (spec/host-interfaces.md §18.2). */
import { HostTrap } from "../../durability/errors.ts";
import { headerBytesMax } from "../../platform/http/http-client.ts";
import type { HttpHeader } from "../../platform/http/http-client.ts";
import type { WasiHttpTypes } from "../generated/wasi-http/types.ts";
import type { HostContext, ResourceFunctions } from "../interface.ts";
import { sync } from "../interface.ts";
import { HostObject } from "../resource-table.ts";
import type { SavedObject } from "../saved-resources.ts";
import { savedKind } from "../saved-resources.ts";
import { err, ok } from "../results.ts";
import type { Result } from "../results.ts";

export type HeaderErrorTag = "invalid-syntax" | "forbidden" | "immutable";
type HeaderError = { readonly tag: HeaderErrorTag; readonly val?: undefined };
type HeaderResult = Result<undefined, HeaderError>;

/** They belong to the connection, which is the host's, or are made by it. */
export const forbiddenNames: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
  "host",
  "http2-settings",
]);

const namePattern = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/u;

/** What a name and a value cost beyond their bytes; without it empty fields would be free. */
const overheadBytes = 32;

function isValue(value: Uint8Array): boolean {
  return value.every((byte) => byte === 0x09 || (byte >= 0x20 && byte !== 0x7f));
}

function nameError(name: string): HeaderErrorTag | undefined {
  if (!namePattern.test(name)) return "invalid-syntax";
  return forbiddenNames.has(name.toLowerCase()) ? "forbidden" : undefined;
}

function fieldError(name: string, values: readonly Uint8Array[]): HeaderErrorTag | undefined {
  return nameError(name) ?? (values.every(isValue) ? undefined : "invalid-syntax");
}

function bytesOf([name, value]: HttpHeader): number {
  return name.length + value.length + overheadBytes;
}

const savedFields = savedKind(
  "fields",
  ({ entries, mutable }: { readonly entries: readonly HttpHeader[]; readonly mutable: boolean }) =>
    new Fields(entries, mutable),
);

/** Names are kept as they were given and compared without case; the order is that of the wire. */
export class Fields extends HostObject {
  #entries: HttpHeader[];
  #bytes: number;
  #mutable: boolean;

  constructor(entries: readonly HttpHeader[] = [], mutable = true) {
    super();
    this.#entries = [...entries];
    this.#bytes = entries.reduce((sum, entry) => sum + bytesOf(entry), 0);
    this.#mutable = mutable;
  }

  /** Those of a guest. Throws `HostTrap` for too many; what others have sent is bounded where it comes in. */
  static of(entries: readonly HttpHeader[]): Fields {
    const fields = new Fields(entries);
    fields.#checkSize();
    return fields;
  }

  get entries(): readonly HttpHeader[] {
    return this.#entries;
  }

  get mutable(): boolean {
    return this.#mutable;
  }

  override save(): SavedObject {
    return savedFields({ entries: this.#entries, mutable: this.#mutable });
  }

  /** It belongs to a message from now on. */
  freeze(): void {
    this.#mutable = false;
  }

  values(name: string): readonly Uint8Array[] {
    const wanted = name.toLowerCase();
    return this.#entries.filter(([entry]) => entry.toLowerCase() === wanted).map(([, value]) => value);
  }

  /** New values take the place of the first old one. */
  set(name: string, values: readonly Uint8Array[]): void {
    const wanted = name.toLowerCase();
    const position = this.#entries.findIndex(([entry]) => entry.toLowerCase() === wanted);
    const rest = this.#entries.filter(([entry]) => entry.toLowerCase() !== wanted);
    const entries = values.map((value): HttpHeader => [name, value]);
    rest.splice(position < 0 ? rest.length : position, 0, ...entries);
    this.#entries = rest;
    this.#bytes = rest.reduce((sum, entry) => sum + bytesOf(entry), 0);
    this.#checkSize();
  }

  append(name: string, value: Uint8Array): void {
    const entry: HttpHeader = [name, value];
    this.#entries.push(entry);
    this.#bytes += bytesOf(entry);
    this.#checkSize();
  }

  /** WIT has no error for it; a message that large would be refused everywhere. */
  #checkSize(): void {
    if (this.#bytes > headerBytesMax) throw new HostTrap(`fields have more than ${headerBytesMax} bytes`);
  }
}

/** The value of `content-length` where it is one. */
export function contentLength(headers: readonly HttpHeader[]): number | undefined {
  const found = headers.find(([name]) => name.toLowerCase() === "content-length");
  if (found === undefined) return undefined;
  const text = new TextDecoder().decode(found[1]);
  return /^\d{1,15}$/u.test(text) ? Number(text) : undefined;
}

/** The value of a field that occurs once; undefined if there is none. */
export function headerText(headers: readonly HttpHeader[], name: string): string | undefined {
  const found = headers.find(([entry]) => entry.toLowerCase() === name);
  return found === undefined ? undefined : new TextDecoder("latin1").decode(found[1]);
}

function refused(tag: HeaderErrorTag): Result<never, HeaderError> {
  return err({ tag });
}

/** Changes fields unless they are immutable or what is asked is wrong. */
function change(fields: Fields, error: HeaderErrorTag | undefined, action: () => void): HeaderResult {
  if (!fields.mutable) return refused("immutable");
  if (error !== undefined) return refused(error);
  action();
  return ok(undefined);
}

export function fieldsFunctions({ resources }: HostContext): ResourceFunctions<WasiHttpTypes, "fields"> {
  const get = (self: number): Fields => resources.get(self, Fields);
  return {
    "[constructor]fields": sync(() => resources.add(new Fields())),
    "[static]fields.from-list": sync((entries: readonly HttpHeader[]): Result<number, HeaderError> => {
      for (const [name, value] of entries) {
        const error = fieldError(name, [value]);
        if (error !== undefined) return refused(error);
      }
      return ok(resources.add(Fields.of(entries)));
    }),
    "[method]fields.get": sync((self: number, name: string) => get(self).values(name)),
    "[method]fields.has": sync((self: number, name: string) => get(self).values(name).length > 0),
    "[method]fields.set": sync((self: number, name: string, values: readonly Uint8Array[]) => {
      const fields = get(self);
      return change(fields, fieldError(name, values), () => fields.set(name, values));
    }),
    "[method]fields.delete": sync((self: number, name: string) => {
      const fields = get(self);
      return change(fields, nameError(name), () => fields.set(name, []));
    }),
    "[method]fields.append": sync((self: number, name: string, value: Uint8Array) => {
      const fields = get(self);
      return change(fields, fieldError(name, [value]), () => fields.append(name, value));
    }),
    "[method]fields.entries": sync((self: number) => get(self).entries),
    "[method]fields.clone": sync((self: number) => resources.add(new Fields(get(self).entries))),
  };
}
