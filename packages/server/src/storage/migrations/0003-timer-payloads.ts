/** payload: what a timer is to do other than wake its worker. */
import type { Migration } from "../schema.ts";

export const timerPayloads: Migration = {
  name: "0003-timer-payloads",
  sql: "ALTER TABLE timers ADD COLUMN payload BLOB",
};
