/** How far the oplogs of workers have gone to oplog processors. */
import type { WorkerId } from "../platform/worker-id.ts";

export interface Delivery {
  readonly worker: WorkerId;
  readonly installationId: string;
  /** Never used for another worker, not even a later one of the same name. */
  readonly id: string;
  /** How often it has changed. */
  readonly revision: number;
  /** What follows this index hasn't been looked at. */
  readonly lastIndex: number;
  /** A part of the oplog is on its way: whether it has arrived isn't known. */
  readonly sending: boolean;
  /** JSON text, the business of `deliveries.ts`. */
  readonly state: string;
}

/** Where a page of `DeliveryStore.behind` has ended. */
export interface DeliveryCursor {
  readonly worker: WorkerId;
  readonly installationId: string;
}

/** Deleting a worker's oplog deletes its deliveries. */
export interface DeliveryStore {
  /** Adds it, at revision 0; changes nothing if there is one for this worker and installation. */
  readonly begin: (delivery: Omit<Delivery, "revision">) => Promise<void>;
  /** Replaces the one that is of the revision before; resolves false, changing nothing, if there is none. */
  readonly advance: (delivery: Delivery) => Promise<boolean>;
  /** By installation. */
  readonly of: (worker: WorkerId) => Promise<readonly Delivery[]>;
  /**
   * Workers of the next `count` deliveries, or some more, that are on their way, or have not come to the end of the worker's
   * oplog.
   */
  readonly behind: (
    after: DeliveryCursor | undefined,
    count: number,
  ) => Promise<{ readonly workers: readonly WorkerId[]; readonly next: DeliveryCursor | undefined }>;
}
