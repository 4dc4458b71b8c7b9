import type { Statement } from "./database.ts";

/** The table in which committed transactions leave a row until their end is recorded. */
export class MarkerTable {
  readonly #name: string;
  readonly #create: string;
  #created = false;

  constructor(database: string) {
    this.#name = `\`${database.replaceAll("`", "``")}\`.emet_transactions`;
    this.#create = `CREATE TABLE IF NOT EXISTS ${this.#name} (id VARCHAR(64) CHARACTER SET ascii PRIMARY KEY, created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP) ENGINE = InnoDB`;
  }

  /** Makes the table, if that can be done; nobody has to have the right. */
  async createOnce(execute: (text: string) => Promise<void>): Promise<void> {
    if (this.#created) return;
    this.#created = true;
    await execute(this.#create).catch(() => undefined);
  }

  insert(token: string): Statement {
    return {
      text: `INSERT INTO ${this.#name} (id) VALUES (?)`,
      parameters: [{ type: "varchar", value: { tag: "text", val: token } }],
    };
  }

  remove(tokens: readonly string[]): Statement {
    return {
      text: `DELETE FROM ${this.#name} WHERE id IN (${tokens.map(() => "?").join()})`,
      parameters: tokens.map((val) => ({ type: "varchar", value: { tag: "text", val } })),
    };
  }
}
