/** What objects leave behind: rows of contents that were given up, and files that no row needs. Removed step by step. */
import type { DatabaseSync } from "node:sqlite";
import { Statement } from "./statement.ts";

/** Rows that one step removes. */
const stepCount = 200;

export class ObjectGarbage {
  readonly #endContent: Statement<[content: number]>;
  readonly #endedContent: Statement<[], { readonly content: number }>;
  readonly #deleteContent: Statement<[content: number]>;
  readonly #rows: Statement<[content: number, count: number], { readonly rowid: number; readonly file: string | null }>;
  readonly #deleteRow: Statement<[rowid: number]>;
  readonly #isUsed: Statement<[file: string], { readonly used: number }>;
  readonly #endFile: Statement<[file: string]>;
  readonly #endedFiles: Statement<[count: number], { readonly file: string }>;
  readonly #deleteFile: Statement<[file: string]>;

  #ended = 0;

  constructor(database: DatabaseSync) {
    this.#endContent = new Statement(database, "UPDATE contents SET ended = 1 WHERE content = ?");
    this.#endedContent = new Statement(database, "SELECT content FROM contents WHERE ended = 1 LIMIT 1");
    this.#deleteContent = new Statement(database, "DELETE FROM contents WHERE content = ?");
    this.#rows = new Statement(database, "SELECT rowid, file FROM objects WHERE content = ? LIMIT ?");
    this.#deleteRow = new Statement(database, "DELETE FROM objects WHERE rowid = ?");
    this.#isUsed = new Statement(
      database,
      "SELECT EXISTS (SELECT 1 FROM objects WHERE file = ?1) OR EXISTS (SELECT 1 FROM key_values WHERE file = ?1) AS used",
    );
    this.#endFile = new Statement(database, "INSERT OR IGNORE INTO ended_files (file) VALUES (?)");
    this.#endedFiles = new Statement(database, "SELECT file FROM ended_files LIMIT ?");
    this.#deleteFile = new Statement(database, "DELETE FROM ended_files WHERE file = ?");
  }

  /** How many files ended so far. */
  get ended(): number {
    return this.#ended;
  }

  /** Nothing finds what is in it any more. */
  endContent(content: number): void {
    this.#endContent.run(content);
  }

  /** A row that had the file is gone. */
  endFile(file: string | null | undefined): void {
    if (typeof file !== "string" || this.isUsed(file)) return;
    this.#endFile.run(file);
    this.#ended += 1;
  }

  isUsed(file: string): boolean {
    return this.#isUsed.get(file)?.used === 1;
  }

  /** Forgets files that were removed, removes some rows, and tells which files are to be removed next; none at the end. */
  step(removed: readonly string[]): { readonly files: readonly string[]; readonly more: boolean } {
    for (const file of removed) this.#deleteFile.run(file);
    const content = this.#endedContent.get()?.content;
    if (content !== undefined) {
      const rows = this.#rows.all(content, stepCount);
      for (const row of rows) {
        this.#deleteRow.run(row.rowid);
        this.endFile(row.file);
      }
      if (rows.length < stepCount) this.#deleteContent.run(content);
    }
    const files = this.#endedFiles.all(stepCount).map((row) => row.file);
    return { files, more: content !== undefined || files.length > 0 };
  }
}
