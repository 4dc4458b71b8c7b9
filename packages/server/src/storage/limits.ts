/** Every bound of the storage, with its default. */
export interface StorageLimits {
  /** Appended bytes that one transaction takes up; what is beyond them waits for the next one. */
  readonly groupBytesMax: number;
  /** The largest append: its records, row and names together. */
  readonly appendBytesMax: number;
  /** Unanswered bytes of one client. Beyond them its calls are refused. */
  readonly clientQueueBytesMax: number;
  /** Journal bytes at which moving them into segments begins. */
  readonly journalMoveBytes: number;
  /** Workers with unmoved appends at which moving begins, however few bytes they have. */
  readonly journalMoveWorkers: number;
  /** Journal bytes at which new appends wait until older ones were moved. */
  readonly journalBytesMax: number;
  /** Bytes that one background step moves between two transactions of waiting writers, at least. */
  readonly moveStepBytes: number;
  /** Segments are cut at this size; a longer chunk is a segment of its own. */
  readonly segmentBytes: number;
  /** Segments of one worker at which its oldest are archived, and how many stay. */
  readonly archiveSegmentsMin: number;
  readonly archiveSegmentsKept: number;
  /** Bytes of records that one archive holds, before they are compressed. */
  readonly archiveBytes: number;
  /** Write-ahead log bytes at which it is written back into the database. */
  readonly checkpointBytes: number;
  /**
   * Size to which the file of the write-ahead log is filled up at start. A commit that overwrites needs no new disk
   * block; with a growing file each sync waits for the file system's own journal as well.
   */
  readonly logBytesMin: number;
  /** Workers whose next index is kept in memory without unmoved appends. */
  readonly cachedWorkersMax: number;
  /** The largest answer to one read of an oplog, whatever was asked for; a longer chunk is returned alone. */
  readonly readBytesMax: number;
  /** The largest page of an enumeration. */
  readonly pageCountMax: number;
  /** Index entries that an enumeration examines before waiting writers get their turn. */
  readonly listStepCount: number;
  /** Conditions in one filter. */
  readonly filterNodesMax: number;
  /** The page cache of SQLite, of each partition. */
  readonly cacheBytes: number;
}

const KiB = 1024;
const MiB = 1024 * KiB;

export const defaultStorageLimits: StorageLimits = {
  groupBytesMax: 4 * MiB,
  appendBytesMax: 64 * MiB,
  clientQueueBytesMax: 512 * MiB,
  journalMoveBytes: 8 * MiB,
  journalMoveWorkers: 4_096,
  journalBytesMax: 64 * MiB,
  moveStepBytes: 256 * KiB,
  segmentBytes: 64 * KiB,
  archiveSegmentsMin: 32,
  archiveSegmentsKept: 8,
  archiveBytes: MiB,
  checkpointBytes: 16 * MiB,
  logBytesMin: 20 * MiB,
  cachedWorkersMax: 65_536,
  readBytesMax: 8 * MiB,
  pageCountMax: 10_000,
  listStepCount: 2_048,
  filterNodesMax: 200,
  cacheBytes: 64 * MiB,
};
