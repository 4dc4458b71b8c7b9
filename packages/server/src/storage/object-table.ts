/** Containers and objects in the database. */
import type { DatabaseSync } from "node:sqlite";
import type { EffectOrigin } from "../durability/effect.ts";
import type {
  ObjectChange,
  ObjectChangeResult,
  ObjectContent,
  ObjectInfo,
  ObjectPlace,
} from "../durability/object-store.ts";
import { noContainer, noObject } from "../durability/object-store.ts";
import { StoreError } from "../platform/store-error.ts";
import { ObjectGarbage } from "./object-garbage.ts";
import type { OperationTable } from "./operation-table.ts";
import { Statement } from "./statement.ts";

/** Names that one read gives. */
export const namesPageCount = 1000;

interface Container {
  readonly content: number;
  readonly createdAtMs: number;
}

interface ObjectRow {
  readonly createdAtMs: number;
  readonly size: number;
  readonly file: string | null;
  readonly data: Uint8Array | null;
}

type Place = [content: number, name: Uint8Array];

export class ObjectTable {
  readonly #operations: OperationTable;
  readonly garbage: ObjectGarbage;
  readonly #container: Statement<[name: Uint8Array], Container>;
  readonly #newContent: Statement<[], { readonly content: number }>;
  readonly #setContainer: Statement<[name: Uint8Array, content: number, createdAtMs: number]>;
  readonly #deleteContainer: Statement<[name: Uint8Array]>;
  readonly #info: Statement<Place, ObjectInfo>;
  readonly #get: Statement<Place, ObjectRow>;
  readonly #file: Statement<Place, { readonly file: string | null }>;
  readonly #names: Statement<[content: number, after: Uint8Array, count: number], { readonly name: Uint8Array }>;
  readonly #put: Statement<[...Place, createdAtMs: number, size: number, file: string | null, data: Uint8Array | null]>;
  readonly #delete: Statement<Place>;

  constructor(database: DatabaseSync, operations: OperationTable) {
    this.#operations = operations;
    this.garbage = new ObjectGarbage(database);
    const where = "FROM objects WHERE content = ? AND name = ?";
    const info = "created_at_ms AS createdAtMs, size";
    this.#container = new Statement(
      database,
      "SELECT content, created_at_ms AS createdAtMs FROM containers WHERE name = ?",
    );
    this.#newContent = new Statement(database, "INSERT INTO contents (ended) VALUES (0) RETURNING content");
    this.#setContainer = new Statement(
      database,
      "INSERT OR REPLACE INTO containers (name, content, created_at_ms) VALUES (?, ?, ?)",
    );
    this.#deleteContainer = new Statement(database, "DELETE FROM containers WHERE name = ?");
    this.#info = new Statement(database, `SELECT ${info} ${where}`);
    this.#get = new Statement(database, `SELECT ${info}, file, data ${where}`);
    this.#file = new Statement(database, `SELECT file ${where}`);
    this.#names = new Statement(
      database,
      "SELECT name FROM objects WHERE content = ? AND name > ? ORDER BY name LIMIT ?",
    );
    this.#put = new Statement(
      database,
      "INSERT OR REPLACE INTO objects (content, name, created_at_ms, size, file, data) VALUES (?, ?, ?, ?, ?, ?)",
    );
    this.#delete = new Statement(database, `DELETE ${where}`);
  }

  container(name: string): number | undefined {
    return this.#container.get(Buffer.from(name))?.createdAtMs;
  }

  info(place: ObjectPlace): ObjectInfo | undefined {
    const row = this.#info.get(...this.#place(place));
    return row === undefined ? undefined : { createdAtMs: row.createdAtMs, size: row.size };
  }

  get(place: ObjectPlace): (ObjectInfo & { readonly content: ObjectContent }) | undefined {
    const row = this.#get.get(...this.#place(place));
    if (row === undefined) return undefined;
    const { createdAtMs, size, file, data } = row;
    const content: ObjectContent =
      file === null ? { kind: "bytes", bytes: data ?? new Uint8Array(0) } : { kind: "file", file };
    return { createdAtMs, size, content };
  }

  names(container: string, after: string | undefined, count: number): string[] {
    const { content } = this.#require(container);
    const limit = Math.min(count, namesPageCount);
    // No name is before the empty one, and that one isn't after itself: it is looked for on its own.
    const first = after === undefined && this.#file.get(content, Buffer.from("")) !== undefined ? [""] : [];
    const rows = this.#names.all(content, Buffer.from(after ?? ""), limit);
    return [...first, ...rows.map((row) => Buffer.from(row.name).toString())].slice(0, limit);
  }

  write(change: ObjectChange, origin: EffectOrigin, nowMs: number): ObjectChangeResult {
    return this.#operations.once(origin, () => this.#change(change, nowMs));
  }

  #change(change: ObjectChange, nowMs: number): ObjectChangeResult {
    switch (change.kind) {
      case "create-container":
        return this.#create(change.container, nowMs);
      case "delete-container":
        return this.#endContainer(change.container);
      case "clear": {
        const { content, createdAtMs } = this.#require(change.container);
        this.garbage.endContent(content);
        this.#setContainer.run(Buffer.from(change.container), this.#content(), createdAtMs);
        return undefined;
      }
      case "put":
        return this.#replace(change, nowMs);
      case "delete": {
        const { content } = this.#require(change.container);
        for (const object of change.objects) this.#remove([content, Buffer.from(object)]);
        return undefined;
      }
      case "copy":
      case "move":
        return this.#copy(change, nowMs);
    }
  }

  #create(name: string, nowMs: number): number {
    const known = this.container(name);
    if (known !== undefined) return known;
    this.#setContainer.run(Buffer.from(name), this.#content(), nowMs);
    return nowMs;
  }

  #endContainer(name: string): undefined {
    const known = this.#container.get(Buffer.from(name));
    if (known === undefined) return;
    this.garbage.endContent(known.content);
    this.#deleteContainer.run(Buffer.from(name));
  }

  #replace(change: Extract<ObjectChange, { readonly kind: "put" }>, nowMs: number): string | undefined {
    const place = this.#place(change.place);
    const file = change.content.kind === "file" ? change.content.file : null;
    const data = change.content.kind === "bytes" ? change.content.bytes : null;
    this.#remove(place);
    this.#put.run(...place, nowMs, change.size, file, data);
    return file ?? undefined;
  }

  /** Both share the file. */
  #copy(change: Extract<ObjectChange, { readonly kind: "copy" | "move" }>, nowMs: number): undefined {
    const from = this.#place(change.from);
    const to = this.#place(change.to);
    const row = this.#get.get(...from);
    if (row === undefined) throw new StoreError("failed", noObject);
    if (from[0] === to[0] && change.from.object === change.to.object) return;
    const replaced = this.#file.get(...to)?.file;
    const createdAtMs = change.kind === "move" ? row.createdAtMs : nowMs;
    this.#put.run(...to, createdAtMs, row.size, row.file, row.data);
    this.garbage.endFile(replaced);
    if (change.kind === "move") this.#delete.run(...from);
  }

  #remove(place: Place): void {
    const row = this.#file.get(...place);
    if (row === undefined) return;
    this.#delete.run(...place);
    this.garbage.endFile(row.file);
  }

  #content(): number {
    const row = this.#newContent.get();
    if (row === undefined) throw new StoreError("failed", "cannot number the content of a container");
    return row.content;
  }

  #require(container: string): Container {
    const known = this.#container.get(Buffer.from(container));
    if (known === undefined) throw new StoreError("failed", noContainer);
    return known;
  }

  #place({ container, object }: ObjectPlace): Place {
    return [this.#require(container).content, Buffer.from(object)];
  }
}
