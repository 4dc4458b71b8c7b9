/** Results in pages whose size follows that of the rows. */
import type { ResultRow, RowStream, StatementResult } from "./database.ts";
import { pageBytes, pageRowsMax, rowBytes } from "./database.ts";

export interface PageSize {
  /** How many rows the next page is to have. */
  readonly rows: () => number;
  readonly note: (page: readonly ResultRow[]) => void;
}

/** Few: they may be long. */
const firstRows = 10;

export function pageSize(): PageSize {
  let rows = firstRows;
  return {
    rows: () => rows,
    note: (page) => {
      if (page.length === 0) return;
      const bytes = page.reduce((sum, row) => sum + rowBytes(row), 0);
      const wanted = Math.floor((pageBytes * page.length) / bytes);
      // Later rows may be longer: it grows step by step.
      rows = Math.max(1, Math.min(wanted, rows * 2, pageRowsMax));
    },
  };
}

/** A result that is there already, in pages. */
export function storedStream({ columns, types, rows }: StatementResult): RowStream {
  const size = pageSize();
  let at = 0;
  return {
    shape: { columns, types },
    next: () => {
      const page = rows.slice(at, at + size.rows());
      at += page.length;
      size.note(page);
      return Promise.resolve(page.length === 0 ? undefined : page);
    },
    close: () => {
      at = rows.length;
      return Promise.resolve();
    },
  };
}
