/** Bytes that the parts of a store take. */
export interface StorageGauges {
  readonly databaseBytes: number;
  /** Of the write-ahead log, as far as it is not written back. */
  readonly logBytes: number;
  readonly journalBytes: number;
}
